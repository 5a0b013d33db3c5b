#pragma once

#include <vector>

namespace einet {

/// How pixels in [0,1] become network input: (x - mean[channel]) / stddev[channel].
struct Normalization {
  std::vector<float> mean;    ///< One per channel; empty = 0.
  std::vector<float> stddev;  ///< One per channel, > 0; empty = 1.
};

}  // namespace einet
