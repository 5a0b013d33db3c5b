#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "cli/bench/bench.h"
#include "cli/json_output.h"
#include "cli/planning_options.h"
#include "cli/timing_options.h"
#include "measure/planner_benchmark.h"

namespace einet::cli {
namespace {

struct BenchPlannerArguments {
  std::vector<int> exits;
  std::string bundle;
  measure::PlannerBenchmarkOptions benchmark;
  bool json = false;
};

nlohmann::json to_json(const measure::PlannerMeasurement& m) {
  return {{"name", m.name}, {"us", m.us}, {"mean_gap", m.mean_gap}, {"max_gap", m.max_gap}, {"instances", m.instances}};
}

nlohmann::json to_json(const measure::PlannerBenchmark& b) {
  nlohmann::json hybrid = nlohmann::json::array(), others = nlohmann::json::array();
  for (const auto& h : b.hybrid) {
    hybrid.push_back(to_json(h));
    hybrid.back()["m"] = h.m;
    if (const auto ratio = b.speedup_over_hybrid(h.m)) hybrid.back()["exact_is_faster_by"] = *ratio;
  }
  for (const auto& other : b.others) others.push_back(to_json(other));
  return {{"exits", b.exits},
          {"instances", b.instances},
          {"from_profile", b.from_profile},
          {"distribution", b.distribution},
          {"expectation_ns", b.expectation_ns},
          {"exact_us", b.exact_us},
          {"exact_max_gap", b.exact_max_gap},
          {"suffix_us", b.suffix_us},
          {"kept_us", b.kept_us},
          {"greedy_us", b.greedy_us},
          {"greedy", to_json(b.greedy)},
          {"hybrid", hybrid},
          {"others", others}};
}

void print_row(const std::string& name, double us, double mean_gap, double max_gap) {
  std::cout << "  " << std::left << std::setw(16) << name << std::right << std::fixed << std::setprecision(2)
            << std::setw(12) << us << std::setprecision(3) << std::setw(12) << 100 * mean_gap << std::setw(12)
            << 100 * max_gap << '\n';
}

void print(const measure::PlannerBenchmark& b) {
  std::cout << b.exits << " exits, " << b.instances
            << (b.from_profile ? " instances of the profile" : " random instances") << ", cut-off " << b.distribution
            << ": expectation " << std::fixed << std::setprecision(0) << b.expectation_ns << " ns, suffix re-plan "
            << std::setprecision(2) << b.suffix_us << " us (unchanged scores " << b.kept_us
            << " us)\n  planner          median us   mean gap %   max gap %\n";
  print_row("exact", b.exact_us, 0.0, b.exact_max_gap);
  print_row("greedy", b.greedy_us, b.greedy.mean_gap, b.greedy.max_gap);
  for (const auto& h : b.hybrid) print_row("hybrid m=" + std::to_string(h.m), h.us, h.mean_gap, h.max_gap);
  for (const auto& other : b.others) print_row(other.name, other.us, other.mean_gap, other.max_gap);
}

/// The network of a bundle and the confidences of its exits for each held-out sample.
measure::PlannerInstances instances_of(const std::string& path) {
  const bundle::Bundle bundle = bundle::load_bundle(path);
  const profile::CsProfile& profile = bundle.measured_confidences();
  measure::PlannerInstances instances{.times = timing_for(bundle, {}).profile.times(), .scores = {}};
  for (int i = 0; i < profile.samples(); ++i) {
    const auto row = profile.confidences(i);
    instances.scores.emplace_back(row.begin(), row.end());
  }
  return instances;
}

void run(const BenchPlannerArguments& o) {
  std::optional<measure::PlannerInstances> given;
  std::vector<int> exits = o.exits;
  if (!o.bundle.empty()) {
    given = instances_of(o.bundle);
    exits = {given->times.exits()};
  } else if (exits.empty()) {
    exits = {3, 5, 6, 14, 21, 40, 100};
  }
  nlohmann::json all = nlohmann::json::array();
  for (const int n : exits) {
    const auto result = measure::benchmark_planners(n, o.benchmark, given ? &*given : nullptr);
    if (o.json) {
      all.push_back(to_json(result));
    } else {
      print(result);
    }
  }
  if (o.json) print_json(all.size() == 1 ? all.front() : all);
}

}  // namespace

void add_bench_planner(CLI::App& bench) {
  CLI::App* sub =
      bench.add_subcommand("planner", "Measure the time of every planner and its distance from the optimum");
  auto o = std::make_shared<BenchPlannerArguments>();
  auto* exits = sub->add_option("--exits", o->exits, "Numbers of exits; default 3,5,6,14,21,40,100")
                    ->delimiter(',')
                    ->check(CLI::Range(1, plan::kMaxExits));
  sub->add_option("--bundle", o->bundle, "Use the times and scores of this bundle")->excludes(exits);
  sub->add_option("--instances", o->benchmark.instances, "Number of instances")->check(CLI::Range(1, 1 << 24));
  add_distribution_option(*sub, o->benchmark.distribution);
  sub->add_option("--seconds", o->benchmark.seconds_per_planner, "Time limit per planner, in seconds");
  sub->add_option("--seed", o->benchmark.seed, "Seed of the random instances");
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { run(*o); });
}

}  // namespace einet::cli
