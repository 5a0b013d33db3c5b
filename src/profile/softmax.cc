#include "einet/profile/softmax.h"

#include <cmath>

namespace einet::profile {

TopOne top_one(std::span<const float> outputs, bool probabilities) noexcept {
  TopOne top;
  if (outputs.empty()) return top;
  for (std::size_t i = 1; i < outputs.size(); ++i) {
    if (outputs[i] > outputs[top.label]) top.label = static_cast<int>(i);
  }
  const float best = outputs[top.label];
  // softmax_best = 1 / sum_i exp(o_i - o_best): no term overflows, and a NaN anywhere makes the sum NaN.
  float sum = 0.0f;
  if (probabilities) {
    for (const float output : outputs) sum += output;
    top.confidence = std::isnan(sum) ? 0.0f : best;
  } else {
    for (const float output : outputs) sum += std::exp(output - best);
    top.confidence = sum >= 1.0f ? 1.0f / sum : 0.0f;
  }
  return top;
}

}  // namespace einet::profile
