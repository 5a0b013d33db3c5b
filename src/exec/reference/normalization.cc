#include <algorithm>
#include <cmath>

#include "einet/graph/axis.h"
#include "reference/loop.h"

namespace einet::exec {
namespace {

// y = scale * (x - mean) / sqrt(variance + epsilon) + bias, per channel
Loop batch_normalization(const Operands& o) {
  const graph::Shape& x = o.inputs[0];
  const std::int64_t area = graph::element_count(graph::Shape(x.begin() + 2, x.end()));
  const float epsilon = o.node.attribute("epsilon", 1e-5f);
  return [=](std::span<const float* const> in, float* out) {
    std::int64_t at = 0;
    for (std::int64_t n = 0; n < x[0]; ++n) {
      for (std::int64_t c = 0; c < x[1]; ++c) {
        const double deviation = std::sqrt(double{in[4][c]} + epsilon);
        for (std::int64_t i = 0; i < area; ++i, ++at) {
          out[at] = static_cast<float>(in[1][c] * (double{in[0][at]} - in[3][c]) / deviation + in[2][c]);
        }
      }
    }
  };
}

// y = x / (bias + alpha / size * sum of squares of the neighbouring channels) ^ beta
Loop lrn(const Operands& o) {
  const graph::Shape& x = o.inputs[0];
  const std::int64_t area = graph::element_count(graph::Shape(x.begin() + 2, x.end()));
  const std::int64_t size = o.node.attribute("size", std::int64_t{1});
  const double alpha = o.node.attribute("alpha", 0.0001f), beta = o.node.attribute("beta", 0.75f);
  const double bias = o.node.attribute("bias", 1.0f);
  return [=](std::span<const float* const> in, float* out) {
    for (std::int64_t n = 0; n < x[0]; ++n) {
      for (std::int64_t c = 0; c < x[1]; ++c) {
        const std::int64_t first = std::max<std::int64_t>(0, c - (size - 1) / 2);
        const std::int64_t last = std::min(x[1] - 1, c + size / 2);
        for (std::int64_t i = 0; i < area; ++i) {
          double squares = 0.0;
          for (std::int64_t near = first; near <= last; ++near) {
            const double value = in[0][(n * x[1] + near) * area + i];
            squares += value * value;
          }
          const std::int64_t at = (n * x[1] + c) * area + i;
          out[at] = static_cast<float>(in[0][at] / std::pow(bias + alpha / static_cast<double>(size) * squares, beta));
        }
      }
    }
  };
}

// y = exp(x - max) / sum, along one axis
Loop softmax(const Operands& o) {
  const graph::Shape& x = o.inputs[0];
  const auto axis =
      static_cast<std::ptrdiff_t>(graph::counted_axis(o.node, o.node.attribute("axis", std::int64_t{-1}), x.size()));
  const std::int64_t outer = graph::element_count(graph::Shape(x.begin(), x.begin() + axis));
  const std::int64_t inner = graph::element_count(graph::Shape(x.begin() + axis + 1, x.end()));
  return [outer, inner, size = x[axis]](std::span<const float* const> in, float* out) {
    for (std::int64_t i = 0; i < outer; ++i) {
      for (std::int64_t j = 0; j < inner; ++j) {
        const auto at = [&](std::int64_t k) { return (i * size + k) * inner + j; };
        float largest = in[0][at(0)];
        for (std::int64_t k = 1; k < size; ++k) largest = std::max(largest, in[0][at(k)]);
        double sum = 0.0;
        for (std::int64_t k = 0; k < size; ++k) sum += std::exp(double{in[0][at(k)]} - largest);
        for (std::int64_t k = 0; k < size; ++k) {
          out[at(k)] = static_cast<float>(std::exp(double{in[0][at(k)]} - largest) / sum);
        }
      }
    }
  };
}

}  // namespace

const LoopMakers& normalization_loops() {
  static const LoopMakers makers = {{"BatchNormalization", batch_normalization}, {"LRN", lrn}, {"Softmax", softmax}};
  return makers;
}

}  // namespace einet::exec
