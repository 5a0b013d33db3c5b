#pragma once

#include <rapidcheck.h>

#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "einet/planner.h"

namespace einet::plan {

/// A request to a planner, for property tests.
struct Instance {
  BlockTimes times;
  std::vector<double> scores;
  Start start;
  double horizon = 1.0;     ///< From far too short for the first exit to longer than the whole run.
  std::uint64_t shape = 0;  ///< Chooses the distribution's parameters.

  int exits() const { return times.exits(); }
};
std::ostream& operator<<(std::ostream& out, const Instance& instance);

/// Networks of 1..max_exits exits. Half of them have coarse numbers, so that ties and zeros are frequent; half have
/// planning costs; half start within a run; a third have a known deadline.
rc::Gen<Instance> instances(int max_exits);

/// The same with two lanes: half of them without contention; half of those that start within a run have a trunk that is
/// ahead, with pending branches.
rc::Gen<Instance> two_lane_instances(int max_exits);

/// The distributions by name: "uniform", "gaussian", "deadline", "exponential", "empirical", "histogram", "online",
/// "until".
const std::vector<std::string>& distribution_kinds();
std::shared_ptr<const ExitTimeDistribution> make_distribution(const std::string& kind, const Instance& instance);

/// A planner for up to 4,096 labels, the number of plans of 12 exits; 16 times faster to construct than the default.
std::unique_ptr<Planner> make_test_planner(std::string_view name, const Instance& instance,
                                           const std::shared_ptr<const ExitTimeDistribution>& distribution);

/// The best expectation() over all plans of exits after the start that the trunk has not passed: the oracle.
double best_by_trying_all(const Instance& instance, const ExitTimeDistribution& distribution);

}  // namespace einet::plan
