#pragma once

#include <span>
#include <vector>

#include "graph/head.h"

namespace einet::exec {

/// The answer in the outputs of an exit for one image.
struct TopOne {
  int label = 0;
  float confidence = 0;
};

/// The likeliest class, the first of equals, and its probability:
///   logits       max softmax, stable for large logits
///   softmax      the greatest output, which rounding may have put a little above 1: then 1
///   log-softmax  exp of the greatest output, treated alike
///   sigmoid      the greatest output; a single output p means class 1 with p where p >= 0.5, else class 0 with 1 - p
/// A NaN gives confidence 0, and nothing else does for sigmoids in [0,1]. No allocation.
TopOne top_one(std::span<const float> outputs, graph::Head head) noexcept;

/// The probability of every class, of which top_one() gives the greatest: as many as there are outputs, or two for a
/// single sigmoid.
std::vector<float> class_probabilities(std::span<const float> outputs, graph::Head head);

/// How many classes an exit of `outputs` outputs has: as many, or two for a single sigmoid.
int class_count(std::size_t outputs, graph::Head head) noexcept;

/// The least log-probability that is told apart: smaller ones become this.
inline constexpr float kLeastLogProbability = -20.0f;

/// Logarithms of class_probabilities(), at least kLeastLogProbability. `top` is top_one() of the same outputs and has a
/// confidence above 0; `out` has class_count() elements. No allocation; for logits, no exponential.
void log_probabilities(std::span<const float> outputs, graph::Head head, const TopOne& top,
                       std::span<float> out) noexcept;

}  // namespace einet::exec
