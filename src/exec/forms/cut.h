#pragma once

#include <cstddef>
#include <vector>

namespace einet::exec {

/// A cost that is paid when two neighbours decide differently.
struct Border {
  std::size_t a = 0, b = 0;
  double cost = 0;
};

/// What each of n decisions costs by itself, taken one way or the other; infinite = impossible, but not both.
struct Decision {
  double no = 0, yes = 0;
};

/// The decisions with the least total cost, exactly. See cut.cc.
std::vector<bool> cheapest_decisions(const std::vector<Decision>& decisions, const std::vector<Border>& borders);

}  // namespace einet::exec
