#pragma once

#include <string>
#include <vector>

namespace einet::graph {

/// The effect of one pass over a network, for display (`einet model inspect --passes`).
struct PassNote {
  std::string pass;  ///< "constant folding"
  std::string did;   ///< "14 nodes became 3 constants"
};
using PassNotes = std::vector<PassNote>;

}  // namespace einet::graph
