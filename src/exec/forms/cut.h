#pragma once

#include <cstddef>
#include <vector>

namespace einet::exec {

/// A cost that applies if two neighbours decide differently.
struct Border {
  std::size_t a = 0, b = 0;
  double cost = 0;
};

/// The cost of a decision by itself, for either alternative; infinite = impossible; not both may be infinite.
struct Decision {
  double no = 0, yes = 0;
};

/// The decisions with the least total cost (exact). See cut.cc.
std::vector<bool> cheapest_decisions(const std::vector<Decision>& decisions, const std::vector<Border>& borders);

}  // namespace einet::exec
