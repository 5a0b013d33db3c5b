#pragma once

#include <string>
#include <vector>

#include "einet/plan.h"
#include "reproduce/context.h"

namespace einet::reproduce {

/// What the searches of figures 11 and 12 plan for: the times of one network and the confidences of held-out samples.
struct SearchInstances {
  plan::BlockTimes times;                   ///< Without planning costs.
  std::vector<std::vector<double>> scores;  ///< At most 200 samples, evenly spaced.
  std::string description;
};

/// Of msdnet40 on CIFAR-100, else of the bundle with the most exits. Throws kNotFound where there is none.
SearchInstances search_instances(Context& context);

}  // namespace einet::reproduce
