#pragma once

#include <optional>
#include <string>
#include <vector>

#include "einet/plan.h"

namespace einet::measure {

/// How planners are compared.
struct PlannerBenchmarkOptions {
  int instances = 1000;                    ///< Pairs of network and scores. >= 1.
  std::string distribution = "uniform";    ///< plan::parse_distribution(), scaled to each network's total time.
  std::vector<int> hybrid = {1, 2, 3, 4};  ///< Each m for which `hybrid` is run, if it finishes.
  double seconds_per_planner = 10.0;  ///< A planner that exceeds this stops early, after at least one instance; one
                                      ///< that would need more for its first instance is skipped.
  unsigned long seed = 1;             ///< Of the random instances.
};

/// Instances given by the caller instead of random ones: one network and the scores of samples (rows of a CS-profile).
struct PlannerInstances {
  plan::BlockTimes times;
  std::vector<std::vector<double>> scores;  ///< Each of times.exits() scores; reused if there are too few.
};

/// One planner's time and quality. Gaps are optimal minus achieved expectation, in [0,1].
struct PlannerMeasurement {
  std::string name;
  double us = 0.0;  ///< Median microseconds of a plan from scratch.
  double mean_gap = 0.0;
  double max_gap = 0.0;
  int instances = 0;  ///< The number of instances measured.
};

struct HybridMeasurement : PlannerMeasurement {
  int m = 0;
};

/// Medians over the instances, each timed separately on new scores.
struct PlannerBenchmark {
  int exits = 0;
  int instances = 0;
  bool from_profile = false;  ///< The instances were given, not random.
  std::string distribution;
  double expectation_ns = 0.0;  ///< One plan::expectation() of the plan of all exits, the slowest case.
  double exact_us = 0.0;        ///< One exact plan from scratch.
  double suffix_us = 0.0;       ///< Mean re-plan over one run: after each executed exit all later scores have changed.
  double kept_us = 0.0;         ///< The same with unchanged scores.
  double exact_max_gap = 0.0;   ///< Largest gap that `exact` could not close (plan::Planned::gap()).
  double greedy_us = 0.0;
  PlannerMeasurement greedy;
  std::vector<HybridMeasurement> hybrid;
  std::vector<PlannerMeasurement> others;  ///< static-25, …, random, threshold.

  /// How many times faster exact is than hybrid with `m`; empty if that was not measured.
  std::optional<double> speedup_over_hybrid(int m) const;
};

/// Measures all planners on networks of `exits` exits, on random instances (conv parts of 0.5 to 1.5 ms, branches of
/// 0.1 to 0.8 ms; half of them with rising scores, as in networks, the others with scores drawn uniformly from [0,1])
/// or on the given ones. Throws kUsage for options outside their ranges, kInvalidData for given instances that do not
/// fit `exits`.
PlannerBenchmark benchmark_planners(int exits, const PlannerBenchmarkOptions& options = {},
                                    const PlannerInstances* given = nullptr);

}  // namespace einet::measure
