#pragma once

#include <span>
#include <vector>

#include "graph/head.h"

namespace einet::exec {

/// The answer of an exit for one image.
struct TopOne {
  int label = 0;
  float confidence = 0;
};

/// The most likely class, the first of equals, and its probability:
///   logits       max softmax, stable for large logits
///   softmax      the greatest output; 1 if it is slightly above 1 because of rounding
///   log-softmax  exp of the greatest output, limited in the same way
///   sigmoid      the greatest output; a single output p means class 1 with p if p >= 0.5, else class 0 with 1 - p
/// NaN gives confidence 0; for sigmoids in [0,1], nothing else does. No allocation.
TopOne top_one(std::span<const float> outputs, graph::Head head) noexcept;

/// The probability of every class; top_one() returns the greatest. There are as many as outputs, or two for a single
/// sigmoid.
std::vector<float> class_probabilities(std::span<const float> outputs, graph::Head head);
/// The same into `out`, which has class_count() elements. No allocation.
void class_probabilities(std::span<const float> outputs, graph::Head head, std::span<float> out) noexcept;

/// The number of classes of an exit with `outputs` outputs: the same, or two for a single sigmoid.
int class_count(std::size_t outputs, graph::Head head) noexcept;

/// The least log-probability; smaller ones are replaced by it.
inline constexpr float kLeastLogProbability = -20.0f;

/// Logarithms of class_probabilities(), at least kLeastLogProbability. `top` is top_one() of the same outputs and has a
/// confidence above 0; `out` has class_count() elements. No allocation; for logits, no exponential.
void log_probabilities(std::span<const float> outputs, graph::Head head, const TopOne& top,
                       std::span<float> out) noexcept;

}  // namespace einet::exec
