#pragma once

#include <memory>
#include <string>
#include <vector>

#include "einet/distribution.h"
#include "einet/plan.h"
#include "policy/estimate.h"

namespace einet::reproduce {

/// A planner on many instances.
struct PlannerTrial {
  policy::Estimate expectation;  ///< Of its plans.
  double seconds = 0.0;          ///< Median time of one plan.
  int instances = 0;
};

/// Plans from scratch for each row of scores, until `seconds_allowed` have been used. The planner is made once.
PlannerTrial try_planner(const std::string& name, const plan::BlockTimes& times,
                         const std::shared_ptr<const plan::ExitTimeDistribution>& distribution,
                         const std::vector<std::vector<double>>& scores, double seconds_allowed);

}  // namespace einet::reproduce
