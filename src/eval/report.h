#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "eval/method.h"
#include "eval/metrics.h"
#include "policy/estimate.h"

namespace einet::eval {

/// The results of one method in live runs that were cut off.
struct LiveScore {
  policy::Estimate accuracy;  ///< Share of cut-offs with a right answer.
  double simulated = 0.0;     ///< Accuracy of a simulation of the same images at the block times of the same rounds.
  double replayed = 0.0;      ///< The same with the actual times of the cut-offs: without their random variation.
  double difference = 0.0;    ///< accuracy - simulated.
  int disturbed = 0;          ///< Runs with an attempt disturbed by other processes (LiveOptions::tolerance).
  int repeats = 0;            ///< Attempts repeated for that reason.
  int unsettled = 0;          ///< Runs whose last attempt was disturbed too; they are included.
};

struct MethodResult {
  std::string name;
  std::string summary;
  policy::Estimate accuracy;             ///< Overall accuracy by simulation, in [0,1].
  policy::Estimate over_static_optimal;  ///< Paired difference to static-optimal on the same samples.
  double planning_seconds = 0;  ///< Mean over exits of the cost of one re-plan; 0 for methods that do not re-plan.
  RunMetrics run;
  std::vector<double> curve;  ///< Share of right answers for a cut-off at each of Report::cuts.
  std::optional<LiveScore> live;
};

/// The results of all methods.
struct Report {
  std::string bundle;
  std::string platform;      ///< Of the block times.
  std::string distribution;  ///< Of the cut-off.
  Protocol protocol = Protocol::kHeldOut;
  int samples = 0;
  plan::BlockTimes times;
  double horizon = 0.0;      ///< Seconds; the time to run everything.
  std::vector<double> cuts;  ///< Seconds, evenly spaced over the horizon: the points of the curves.
  std::vector<MethodResult> methods;
  std::vector<ExitMetrics> exits;
  double elasticity = 0.0;  ///< E of static-optimal / accuracy of the best exit.
  policy::Estimate oracle;
  std::string note;  ///< The methods that are left out and why, in one sentence; usually empty.
};

struct EvalOptions {
  std::string distribution = "uniform";  ///< plan::parse_distribution(), scaled to the horizon.
  std::string planner = "exact";
  Protocol protocol = Protocol::kHeldOut;
  double horizon = 0.0;       ///< T in seconds; 0 = the time to run everything.
  std::string platform = {};  ///< Of the given times; empty = this machine.
  /// The network as it runs on this machine, for measuring the cost of planning; null = compiled with default
  /// implementations.
  std::shared_ptr<const exec::Program> program = nullptr;
};

/// Simulates every method on the bundle's CS-profile with `times` (usually those of bundle::select_timing()).
/// Throws like MethodBuilder and plan::parse_distribution().
Report evaluate(const bundle::Bundle& bundle, const plan::BlockTimes& times, const EvalOptions& options = {});

/// {"methods":[{"name","overall_accuracy","stderr",…}],"oracle":…}; accuracies in [0,1], times in seconds. Methods that
/// ran live also have "live_accuracy", "live_stderr", "simulated_accuracy", "replayed_accuracy", "difference",
/// "disturbed", "repeats" and "unsettled". Unknown standard errors are NaN, which becomes null in JSON.
nlohmann::json to_json(const Report& report);

/// A human-readable table: accuracies in per cent, one line per method, best first.
std::string to_table(const Report& report);

/// Two more tables: properties of the runs of each method (first answers, accuracy at quarters of the horizon), and the
/// exits.
std::string to_metrics_table(const Report& report);

}  // namespace einet::eval
