#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "eval/metrics.h"
#include "policy/estimate.h"

namespace einet::eval {

/// One bundle of a comparison, its block times, and their origin.
struct Candidate {
  const bundle::Bundle* bundle = nullptr;  ///< Borrowed for the duration of the call.
  plan::BlockTimes times;
  std::string platform;
  bool busy = false;  ///< Whether the times were measured on a busy machine (EtProfile::busy()).
};

struct CompareOptions {
  std::string distribution = "uniform";  ///< plan::parse_distribution(), scaled to the common horizon.
  /// Common horizon T in seconds; 0 = the time of the first bundle to run everything. A network that ends earlier keeps
  /// its last answer until T.
  double horizon = 0.0;
  Protocol protocol = Protocol::kHeldOut;
};

/// One method of one bundle.
struct ComparedMethod {
  std::string name;
  policy::Estimate accuracy;  ///< E: overall accuracy on the common horizon, in [0,1].
  /// Paired difference to the same method of the first bundle; empty if that has no such method.
  std::optional<policy::Estimate> over_first;
  RunMetrics run;
};

struct ComparedBundle {
  std::string name, platform;
  bool busy = false;  ///< Its times, and the figures based on them, may be off.
  int exits = 0;
  std::int64_t parameters = 0;
  double run_everything_seconds = 0.0;
  double best_exit_accuracy = 0.0;
  double elasticity = 0.0;              ///< E of static-optimal / best_exit_accuracy (docs/definitions.md).
  std::vector<ComparedMethod> methods;  ///< einet, combined (if the bundle has log-probabilities), static-optimal.
};

struct Comparison {
  std::string distribution;
  double horizon = 0.0;  ///< Seconds.
  int samples = 0;
  Protocol protocol = Protocol::kHeldOut;
  std::vector<ComparedBundle> bundles;
};

/// Simulates every bundle on one horizon. Throws kUsage for no bundles, kNotFound for one without a CS-profile, and
/// kInvalidData naming a bundle whose samples have other labels than the first, because it was profiled on other data.
Comparison compare(std::span<const Candidate> candidates, const CompareOptions& options = {});

/// Accuracies in [0,1], times in seconds; unknown standard errors are NaN, which becomes null in JSON.
nlohmann::json to_json(const Comparison& comparison);
/// A human-readable table: accuracies in per cent.
std::string to_table(const Comparison& comparison);

}  // namespace einet::eval
