#include "exec/scores.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace einet::exec {
namespace {

using graph::Head;

/// Maximum rounding error of a softmax; a value further above 1 is not a probability and is not changed.
constexpr float kMostRounding = 1e-3f;

float without_rounding(float probability) {
  return probability > 1.0f && probability <= 1.0f + kMostRounding ? 1.0f : probability;
}

/// A sigmoid may underflow to 0, but a confidence of 0 means NaN.
float above_zero(float probability) { return probability == 0.0f ? std::numeric_limits<float>::min() : probability; }

bool is_binary(std::span<const float> outputs, Head head) { return outputs.size() == 1 && head == Head::kSigmoid; }

bool has_nan(std::span<const float> outputs) {
  return std::any_of(outputs.begin(), outputs.end(), [](float output) { return std::isnan(output); });
}

}  // namespace

TopOne top_one(std::span<const float> outputs, Head head) noexcept {
  TopOne top;
  if (outputs.empty()) return top;
  if (is_binary(outputs, head)) {
    const float p = outputs.front();
    if (!std::isnan(p)) top = p >= 0.5f ? TopOne{1, without_rounding(p)} : TopOne{0, without_rounding(1.0f - p)};
    return top;
  }
  for (std::size_t i = 1; i < outputs.size(); ++i) {
    if (outputs[i] > outputs[top.label]) top.label = static_cast<int>(i);
  }
  const float best = outputs[top.label];
  if (head == Head::kLogits) {
    // softmax_best = 1 / sum_i exp(o_i - o_best): no term overflows, and a NaN anywhere makes the sum NaN.
    float sum = 0.0f;
    for (const float output : outputs) sum += std::exp(output - best);
    top.confidence = sum >= 1.0f ? 1.0f / sum : 0.0f;
    return top;
  }
  if (has_nan(outputs)) return top;
  top.confidence = without_rounding(head == Head::kLogSoftmax ? std::exp(best) : best);
  if (head == Head::kSigmoid) top.confidence = above_zero(top.confidence);
  return top;
}

int class_count(std::size_t outputs, Head head) noexcept {
  return outputs == 1 && head == Head::kSigmoid ? 2 : static_cast<int>(outputs);
}

void log_probabilities(std::span<const float> outputs, Head head, const TopOne& top, std::span<float> out) noexcept {
  if (is_binary(outputs, head)) {
    out[0] = std::max(std::log(1.0f - outputs.front()), kLeastLogProbability);
    out[1] = std::max(std::log(outputs.front()), kLeastLogProbability);
    return;
  }
  // For logits o: log p_k = o_k - o_best + log p_best.
  const float shift = head == Head::kLogits ? std::log(top.confidence) - outputs[top.label] : 0.0f;
  const bool logarithms = head == Head::kLogits || head == Head::kLogSoftmax;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const float value = logarithms ? outputs[k] + shift : std::log(outputs[k]);
    out[k] = value > kLeastLogProbability ? std::min(value, 0.0f) : kLeastLogProbability;
  }
}

void class_probabilities(std::span<const float> outputs, Head head, std::span<float> out) noexcept {
  if (is_binary(outputs, head)) {
    out[0] = 1.0f - outputs.front();
    out[1] = outputs.front();
    return;
  }
  std::copy(outputs.begin(), outputs.end(), out.begin());
  if (head == Head::kLogSoftmax) {
    for (float& value : out) value = std::exp(value);
  } else if (head == Head::kLogits) {
    const TopOne top = top_one(outputs, head);
    for (float& value : out) value = top.confidence * std::exp(value - outputs[top.label]);
  }
}

std::vector<float> class_probabilities(std::span<const float> outputs, Head head) {
  std::vector<float> probabilities(static_cast<std::size_t>(class_count(outputs.size(), head)));
  class_probabilities(outputs, head, probabilities);
  return probabilities;
}

}  // namespace einet::exec
