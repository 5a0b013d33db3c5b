#include "eval/live/live.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <utility>

#include "bundle/timing.h"
#include "einet/distribution.h"
#include "eval/live/cut_off.h"
#include "exec/program.h"
#include "measure/block_times.h"
#include "measure/lane_times.h"
#include "policy/simulate.h"
#include "runtime/model_parts.h"

namespace einet::eval {
namespace {

/// Smaller delays are not disturbances: threads cannot be woken more precisely.
constexpr Seconds kPunctual{20e-6};
/// Number of images tried for the timelines.
constexpr int kExamples = 5;

/// `count` numbers in [0,1), one in each of `count` equal strata, in random order.
std::vector<double> stratified(int count, std::mt19937_64& random) {
  std::vector<double> points(count);
  std::uniform_real_distribution<double> within(0.0, 1.0);
  for (int k = 0; k < count; ++k) points[k] = (k + within(random)) / count;
  std::shuffle(points.begin(), points.end(), random);
  return points;
}

/// The methods of one round: a policy object for each method and half.
struct Round {
  plan::BlockTimes times;
  std::shared_ptr<const plan::ExitTimeDistribution> distribution;
  std::vector<Method> methods;
  std::vector<std::array<std::unique_ptr<Policy>, 2>> policies;
  std::vector<std::array<plan::BlockTimes, 2>> usual;  ///< Times under each policy.

  Round(const std::shared_ptr<const exec::Program>& program, const std::vector<double>& planning,
        MethodBuilder& builder, const LiveOptions& options) {
    const measure::EtOptions probe{.warm_up = options.probe / 4, .budget = options.probe * 3 / 4, .min_samples = 20};
    profile::EtProfile measured = measure::measure_times(program, probe);
    if (options.timing.lanes == 2) measured.lanes = measure::measure_lane_times(*program, probe);
    times = measured.times(options.timing.lanes);
    times.planning = planning;
    distribution = plan::parse_distribution(options.eval.distribution, times.total());
    methods = builder.build(times, distribution);
    for (const Method& method : methods) {
      policies.push_back({method.policy[0](), method.policy[1]()});
      usual.push_back(
          {policy::times_under(*policies.back()[0], times), policy::times_under(*policies.back()[1], times)});
    }
  }

  CutOff cut_off(CutOffStage& stage, std::size_t method, int sample, std::span<const float> image, Seconds moment,
                 double tolerance) {
    const int half = sample % 2;
    if (methods[method].weights[half]) stage.set_weights(*methods[method].weights[half]);
    return stage.run(*policies[method][half], methods[method].publish, image, moment,
                     std::max(Seconds(tolerance * times.total()), kPunctual), usual[method][half]);
  }

  /// The answers that a simulation at `measured` block times shows for one sample, with their times.
  std::vector<policy::ShownAnswer> simulate(std::size_t method, const profile::CsProfile& profile, int sample,
                                            const plan::BlockTimes& measured) {
    const int half = sample % 2;
    policy::Simulation simulation(*policies[method][half], methods[method].publish, profile, measured,
                                  methods[method].weights[half]);
    const std::span<const policy::ShownAnswer> shown = simulation.run(sample);
    return {shown.begin(), shown.end()};
  }
};

/// The results of one method over all rounds.
struct Tally {
  std::vector<double> right, simulated, replayed;
  int disturbed = 0, repeats = 0, unsettled = 0;
};

/// Whether the answer shown at `moment` is right.
bool right_at(std::span<const policy::ShownAnswer> shown, double moment) {
  bool right = false;
  for (const policy::ShownAnswer& answer : shown) {
    if (answer.time <= moment) right = answer.right;
  }
  return right;
}

plan::BlockTimes mean_times(const std::vector<plan::BlockTimes>& rounds) {
  plan::BlockTimes mean = rounds.front();
  for (int exit = 0; exit < mean.exits(); ++exit) {
    double conv = 0.0, branch = 0.0;
    for (const plan::BlockTimes& times : rounds) {
      conv += times.conv[exit];
      branch += times.branch[exit];
    }
    mean.conv[exit] = conv / static_cast<double>(rounds.size());
    mean.branch[exit] = branch / static_cast<double>(rounds.size());
    if (mean.lanes() == 1) continue;
    for (auto list : {&plan::LaneTimes::conv, &plan::LaneTimes::busy, &plan::LaneTimes::branch}) {
      double sum = 0.0;
      for (const plan::BlockTimes& times : rounds) sum += (times.lane.*list)[exit];
      (mean.lane.*list)[exit] = sum / static_cast<double>(rounds.size());
    }
  }
  return mean;
}

/// Images for the timelines, best first: those whose early exits are wrong and later ones right, then the others.
std::vector<int> illustrative_samples(const profile::CsProfile& profile, std::span<const int> samples) {
  const int early = profile.exits / 4;
  const auto turns_right = [&](int sample) {
    for (int exit = 0; exit < profile.exits; ++exit) {
      if (profile.right(sample, exit) != (exit > early)) return false;
    }
    return true;
  };
  std::vector<int> sorted(samples.begin(), samples.end());
  std::stable_partition(sorted.begin(), sorted.end(), turns_right);
  return sorted;
}

/// Empty if the run of a method was disturbed in every attempt: it would show the load of the machine, not the method.
std::vector<Timeline> timelines(Round& round, CutOffStage& stage, const bundle::Bundle& bundle,
                                const ImageSource& images, int sample, double tolerance) {
  Timeline base;
  base.sample = sample;
  base.label = bundle.confidences->labels[sample];
  const graph::Shape& shape = bundle.graph.inputs.front().shape;
  base.image_shape.assign(shape.begin() + 1, shape.end());
  base.pixels.resize(graph::element_count(base.image_shape));
  images(sample, base.pixels);
  base.horizon = round.times.total();
  const Seconds cut{std::min(0.62 * base.horizon, round.distribution->quantile(0.62))};
  std::vector<Timeline> result;
  for (std::size_t m = 0; m < round.methods.size(); ++m) {
    Timeline line = base;
    line.method = round.methods[m].name;
    const CutOff found = round.cut_off(stage, m, sample, base.pixels, cut, tolerance);
    if (found.unsettled()) return {};
    line.cut = found.moment.count();
    line.shown = found.answer;
    line.trace.assign(stage.session().trace().begin(), stage.session().trace().end());
    line.answers.assign(stage.session().answers().begin(), stage.session().answers().end());
    result.push_back(std::move(line));
  }
  return result;
}

}  // namespace

LiveResult evaluate_live(const bundle::Bundle& bundle, const ImageSource& images, const LiveOptions& options,
                         Progress& progress) {
  bundle.require_weights();
  bundle.measured_confidences();
  bundle::TimingOptions timing_options = options.timing;
  timing_options.distribution = options.eval.distribution;
  timing_options.planner = options.eval.planner;
  bundle::Timing timing = bundle::select_timing(bundle, timing_options, progress);
  const auto program = timing.program;
  MethodBuilder builder(bundle, options.eval.protocol, options.eval.planner, program);
  const profile::CsProfile& profile = *bundle.confidences;

  std::mt19937_64 random(options.seed);
  std::vector<int> samples(profile.samples());
  std::iota(samples.begin(), samples.end(), 0);
  std::shuffle(samples.begin(), samples.end(), random);
  if (options.images > 0 && options.images < profile.samples()) samples.resize(options.images);
  const int count = static_cast<int>(samples.size());
  const int rounds = std::clamp(options.rounds, 1, count);
  const auto deadline = Clock::now() + options.budget;
  const auto out_of_time = [&] { return options.budget > Seconds(0) && Clock::now() > deadline; };
  const std::vector<double> points = stratified(count, random);

  LiveResult result;
  result.notes = std::move(timing.notes);
  std::vector<Tally> tallies;
  std::vector<plan::BlockTimes> round_times;
  std::unique_ptr<CutOffStage> stage;
  std::vector<float> pixels(program->input_size());
  int examples = 0;
  for (int r = 0; r < rounds && (r == 0 || !out_of_time()); ++r) {
    Round round(program, timing.times().planning, builder, options);
    const double horizon = round.times.total();
    const int method_count = static_cast<int>(round.methods.size());
    tallies.resize(method_count);
    std::vector<int> order(method_count);
    std::iota(order.begin(), order.end(), 0);
    result.horizons.push_back(horizon);
    if (!stage) {
      ModelParts parts{.program = program,
                       .labels = bundle.labels,
                       .normalization = bundle.normalization,
                       .times = round.times,
                       .policy = round.methods.front().policy[0]};
      std::shared_ptr<predict::CombinationWeights> weights;
      for (const Method& method : round.methods) {
        if (method.weights[0]) weights = std::make_shared<predict::CombinationWeights>(*method.weights[0]);
      }
      parts.combination = weights;
      stage = std::make_unique<CutOffStage>(Model::make(std::move(parts)), weights, options.timing.lanes);
    }
    const std::size_t first_run = result.runs.size();
    const int begin = static_cast<int>(std::int64_t{count} * r / rounds);
    const int end = static_cast<int>(std::int64_t{count} * (r + 1) / rounds);
    for (int i = begin; i < end && (i == begin || !out_of_time()); ++i) {
      const int sample = samples[i];
      const double cut = round.distribution->quantile(points[i]);
      images(sample, pixels);
      // In random order: in a fixed order, each method would always find the caches left by the same other method.
      std::shuffle(order.begin(), order.end(), random);
      for (const int m : order) {
        const CutOff found = round.cut_off(*stage, m, sample, pixels, Seconds(cut), options.tolerance);
        const bool right = found.answer.exists() && found.answer.label == profile.labels[sample];
        tallies[m].right.push_back(right ? 1.0 : 0.0);
        tallies[m].disturbed += found.disturbed > 0;
        tallies[m].repeats += found.disturbed - found.unsettled();
        tallies[m].unsettled += found.unsettled();
        result.runs.push_back({.method = m,
                               .sample = sample,
                               .cut = found.moment.count() / horizon,
                               .right = right,
                               .exit = found.answer.exit});
      }
      progress.update("live", i + 1, count, "");
    }
    round_times.push_back(stage->take_times(round.times));
    for (std::size_t i = first_run; i < result.runs.size(); ++i) {
      const LiveRun& run = result.runs[i];
      const auto shown = round.simulate(run.method, profile, run.sample, round_times.back());
      tallies[run.method].simulated.push_back(policy::score(shown, *round.distribution));
      tallies[run.method].replayed.push_back(right_at(shown, run.cut * horizon) ? 1.0 : 0.0);
    }
    if (r + 1 < rounds && !out_of_time()) continue;
    for (const int sample : illustrative_samples(profile, samples)) {
      result.timelines = timelines(round, *stage, bundle, images, sample, options.tolerance);
      if (!result.timelines.empty() || ++examples == kExamples) break;
    }
  }
  result.images = static_cast<int>(tallies.front().right.size());

  // Simulated for the horizon that the cut-offs were drawn from; the sum of the times measured afterwards may differ.
  EvalOptions simulation = options.eval;
  simulation.program = program;
  simulation.horizon = std::accumulate(result.horizons.begin(), result.horizons.end(), 0.0) /
                       static_cast<double>(result.horizons.size());
  result.report = evaluate(bundle, mean_times(round_times), simulation);
  for (std::size_t m = 0; m < tallies.size(); ++m) {
    const policy::Estimate accuracy = policy::estimate(tallies[m].right);
    const double simulated = policy::estimate(tallies[m].simulated).mean;
    result.report.methods[m].live = LiveScore{.accuracy = accuracy,
                                              .simulated = simulated,
                                              .replayed = policy::estimate(tallies[m].replayed).mean,
                                              .difference = accuracy.mean - simulated,
                                              .disturbed = tallies[m].disturbed,
                                              .repeats = tallies[m].repeats,
                                              .unsettled = tallies[m].unsettled};
  }
  return result;
}

}  // namespace einet::eval
