// Compares planners on the same instances.
//
// Every plan is timed separately, on scores that the planner has not processed before, so that the processor's branch
// predictor has no history of them, as on a device. Planners are made once per network, as on a device. The median is
// reported, because other programs on the machine affect it least.

#include "measure/planner_benchmark.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

#include "einet/error.h"
#include "einet/plan.h"
#include "einet/planner.h"
#include "einet/time.h"
#include "profile/statistics.h"

namespace einet::measure {
namespace {

constexpr int kRowsPerNetwork = 50;  // of random instances

struct Instances {
  plan::BlockTimes times;
  std::vector<std::vector<double>> scores;
  std::shared_ptr<const plan::ExitTimeDistribution> distribution;
  std::vector<double> optimum;  ///< [row]
};

template <class Call>
double seconds(Call call) {
  const auto begin = Clock::now();
  call();
  return Seconds(Clock::now() - begin).count();
}

double uniform(std::mt19937_64& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}

plan::BlockTimes random_times(int exits, std::mt19937_64& random) {
  plan::BlockTimes times;
  for (int i = 0; i < exits; ++i) {
    times.conv.push_back(uniform(random, 0.5e-3, 1.5e-3));
    times.branch.push_back(uniform(random, 0.1e-3, 0.8e-3));
  }
  return times;
}

std::vector<double> random_scores(int exits, bool rising, std::mt19937_64& random) {
  std::vector<double> scores(exits);
  for (int i = 0; i < exits; ++i) {
    const double network = 0.9 - 0.6 * std::exp(-4.0 * (i + 1) / exits) + uniform(random, -0.08, 0.08);
    scores[i] = rising ? std::clamp(network, 0.0, 1.0) : uniform(random, 0.0, 1.0);
  }
  return scores;
}

std::vector<Instances> random_networks(int exits, int instances, std::mt19937_64& random) {
  std::vector<Instances> networks;
  for (int made = 0; made < instances;) {
    Instances network;
    network.times = random_times(exits, random);
    for (int row = 0; row < kRowsPerNetwork && made < instances; ++row, ++made) {
      network.scores.push_back(random_scores(exits, made % 2 == 0, random));
    }
    networks.push_back(std::move(network));
  }
  return networks;
}

std::vector<Instances> given_networks(int exits, int instances, const PlannerInstances& given) {
  const auto fits = [exits](const std::vector<double>& row) { return row.size() == static_cast<std::size_t>(exits); };
  if (given.times.exits() != exits || given.scores.empty() ||
      !std::all_of(given.scores.begin(), given.scores.end(), fits)) {
    throw Error(ErrorKind::kInvalidData, "planner benchmark",
                "the given times and scores are not for " + std::to_string(exits) + " exits");
  }
  Instances network{given.times, {}, nullptr, {}};
  for (int k = 0; k < instances; ++k) network.scores.push_back(given.scores[k % given.scores.size()]);
  return {std::move(network)};
}

/// Times a planner on all instances, or as many as the time allows, and compares its plans with the optimum.
PlannerMeasurement measure_planner(const std::string& name, const std::vector<Instances>& networks,
                                   double seconds_allowed) {
  PlannerMeasurement result;
  result.name = name;
  std::vector<double> times;
  double used = 0.0;
  double gaps = 0.0;
  for (const Instances& network : networks) {
    const std::unique_ptr<plan::Planner> planner = plan::make_planner(name, network.times, network.distribution);
    for (std::size_t row = 0; row < network.scores.size(); ++row) {
      plan::Planned planned;
      times.push_back(seconds([&] { planned = planner->plan(network.scores[row]); }));
      const double gap = network.optimum[row] - planned.expectation;
      gaps += gap;
      result.max_gap = std::max(result.max_gap, gap);
      used += times.back();
      if (used > seconds_allowed) break;
    }
    if (used > seconds_allowed) break;
  }
  result.instances = static_cast<int>(times.size());
  result.us = 1e6 * profile::median(std::move(times));
  result.mean_gap = gaps / result.instances;
  return result;
}

/// Times `exact` from scratch and stores the optima that the others are compared with.
void measure_exact(std::vector<Instances>& networks, PlannerBenchmark& result) {
  std::vector<double> times;
  for (Instances& network : networks) {
    const std::unique_ptr<plan::Planner> planner = plan::make_planner("exact", network.times, network.distribution);
    for (const std::vector<double>& scores : network.scores) {
      plan::Planned planned;
      times.push_back(seconds([&] { planned = planner->plan(scores); }));
      network.optimum.push_back(planned.expectation);
      result.exact_max_gap = std::max(result.exact_max_gap, planned.gap());
    }
  }
  result.exact_us = 1e6 * profile::median(std::move(times));
}

void measure_expectation(const std::vector<Instances>& networks, PlannerBenchmark& result) {
  constexpr int kCalls = 100;
  std::vector<double> times;
  volatile double sink = 0.0;
  for (const Instances& network : networks) {
    const plan::ExitPlan all = plan::ExitPlan::all(network.times.exits());
    for (const std::vector<double>& scores : network.scores) {
      times.push_back(seconds([&] {
        for (int k = 0; k < kCalls; ++k) sink = plan::expectation(network.times, *network.distribution, scores, all);
      }));
    }
  }
  result.expectation_ns = 1e9 * profile::median(std::move(times)) / kCalls;
}

/// Simulates one run per instance and times every re-plan in it: the mean over a run, the median over runs.
double suffix_us(const std::vector<Instances>& networks, bool beliefs_change, std::mt19937_64& random) {
  std::vector<double> means;
  for (const Instances& network : networks) {
    const std::unique_ptr<plan::Planner> planner = plan::make_planner("exact", network.times, network.distribution);
    for (std::vector<double> scores : network.scores) {
      plan::Planned planned = planner->plan(scores);
      plan::Start start;
      double total = 0.0;
      int plans = 0;
      for (int exit = planned.plan.next(-1); exit < network.times.exits(); exit = planned.plan.next(exit)) {
        start.elapsed = plan::next_output(network.times, start.exit, start.elapsed, exit);
        start.exit = exit;
        start.score = scores[exit];
        if (beliefs_change) {
          for (std::size_t i = exit + 1; i < scores.size(); ++i) {
            scores[i] = std::clamp(scores[i] + uniform(random, -0.05, 0.05), 0.0, 1.0);
          }
        }
        total += seconds([&] { planned = planner->plan(scores, start); });
        ++plans;
      }
      if (plans > 0) means.push_back(total / plans);
    }
  }
  return 1e6 * profile::median(std::move(means));
}

/// The number of plans that `hybrid` with m outputs evaluates.
double hybrid_plans(int exits, int m) {
  double plans = 0.0;
  double choices = 1.0;
  for (int k = 1; k <= std::min(m, exits); ++k) plans += choices *= double(exits - k + 1) / k;
  return plans;
}

}  // namespace

std::optional<double> PlannerBenchmark::speedup_over_hybrid(int m) const {
  for (const HybridMeasurement& measured : hybrid) {
    if (measured.m == m && exact_us > 0.0) return measured.us / exact_us;
  }
  return std::nullopt;
}

PlannerBenchmark benchmark_planners(int exits, const PlannerBenchmarkOptions& options, const PlannerInstances* given) {
  if (exits < 1 || exits > plan::kMaxExits || options.instances < 1 || !(options.seconds_per_planner > 0.0)) {
    throw Error(ErrorKind::kUsage, "planner benchmark",
                "needs 1 to " + std::to_string(plan::kMaxExits) + " exits, at least one instance and a positive time");
  }
  std::mt19937_64 random(options.seed);
  std::vector<Instances> networks = given != nullptr ? given_networks(exits, options.instances, *given)
                                                     : random_networks(exits, options.instances, random);
  for (Instances& network : networks) {
    network.distribution = plan::parse_distribution(options.distribution, network.times.total());
  }

  PlannerBenchmark result;
  result.exits = exits;
  result.instances = options.instances;
  result.from_profile = given != nullptr;
  result.distribution = options.distribution;
  measure_exact(networks, result);
  measure_expectation(networks, result);
  result.suffix_us = suffix_us(networks, true, random);
  result.kept_us = suffix_us(networks, false, random);
  result.greedy = measure_planner("greedy", networks, options.seconds_per_planner);
  result.greedy_us = result.greedy.us;
  constexpr double kSecondsPerPlan = 1e-8;  // A low estimate, to skip planners that would never finish.
  for (const int m : options.hybrid) {
    if (m > exits || hybrid_plans(exits, m) * kSecondsPerPlan > options.seconds_per_planner) continue;
    HybridMeasurement measured;
    static_cast<PlannerMeasurement&>(measured) =
        measure_planner("hybrid-" + std::to_string(m), networks, options.seconds_per_planner);
    measured.m = m;
    result.hybrid.push_back(measured);
  }
  for (const char* name : {"static-25", "static-50", "static-100", "random", "threshold"}) {
    result.others.push_back(measure_planner(name, networks, options.seconds_per_planner));
  }
  return result;
}

}  // namespace einet::measure
