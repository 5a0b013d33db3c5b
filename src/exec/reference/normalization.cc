#include <algorithm>
#include <cmath>

#include "exec/reference/loop.h"
#include "graph/axis.h"

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

// y = (x - mean) / sqrt(variance + epsilon) of `size` neighbouring elements
void standardize(const float* x, float* y, std::int64_t size, double epsilon) {
  double sum = 0.0, squares = 0.0;
  for (std::int64_t i = 0; i < size; ++i) sum += x[i];
  const double mean = sum / static_cast<double>(size);
  for (std::int64_t i = 0; i < size; ++i) squares += (x[i] - mean) * (x[i] - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(size) + epsilon);
  for (std::int64_t i = 0; i < size; ++i) y[i] = static_cast<float>((x[i] - mean) / deviation);
}

Loop layer_normalization(const Operands& o) {
  const std::int64_t count = graph::element_count(o.inputs[0]), size = graph::element_count(o.inputs[1]);
  return [=, epsilon = o.node.attribute("epsilon", 1e-5f), shifted = o.has(2)](std::span<const float* const> in,
                                                                               float* out) {
    for (std::int64_t at = 0; at < count; at += size) {
      standardize(in[0] + at, out + at, size, epsilon);
      for (std::int64_t i = 0; i < size; ++i) out[at + i] = out[at + i] * in[1][i] + (shifted ? in[2][i] : 0.0f);
    }
  };
}

// Over groups of channels; InstanceNormalization has a group for each.
Loop channel_normalization(const Operands& o) {
  const graph::Shape& x = o.inputs[0];
  const std::int64_t groups =
      o.node.op == "GroupNormalization" ? o.node.attribute("num_groups", std::int64_t{1}) : x[1];
  const std::int64_t count = graph::element_count(x), size = count / (x[0] * groups), area = count / (x[0] * x[1]);
  return
      [=, channels = x[1], epsilon = o.node.attribute("epsilon", 1e-5f)](std::span<const float* const> in, float* out) {
        for (std::int64_t at = 0; at < count; at += size) standardize(in[0] + at, out + at, size, epsilon);
        for (std::int64_t at = 0; at < count; ++at) {
          const std::int64_t c = at / area % channels;
          out[at] = out[at] * in[1][c] + in[2][c];
        }
      };
}

// y = exp(x - max) / sum, along one axis, or its logarithm
Loop softmax(const Operands& o) {
  const graph::Shape& x = o.inputs[0];
  const auto axis =
      static_cast<std::ptrdiff_t>(graph::counted_axis(o.node, o.node.attribute("axis", std::int64_t{-1}), x.size()));
  const std::int64_t outer = graph::element_count(graph::Shape(x.begin(), x.begin() + axis));
  const std::int64_t inner = graph::element_count(graph::Shape(x.begin() + axis + 1, x.end()));
  const bool logarithm = o.node.op == "LogSoftmax";
  return [=, size = x[axis]](std::span<const float* const> in, float* out) {
    for (std::int64_t i = 0; i < outer; ++i) {
      for (std::int64_t j = 0; j < inner; ++j) {
        const auto at = [&](std::int64_t k) { return (i * size + k) * inner + j; };
        float largest = in[0][at(0)];
        for (std::int64_t k = 1; k < size; ++k) largest = std::max(largest, in[0][at(k)]);
        double sum = 0.0;
        for (std::int64_t k = 0; k < size; ++k) sum += std::exp(double{in[0][at(k)]} - largest);
        for (std::int64_t k = 0; k < size; ++k) {
          const double difference = double{in[0][at(k)]} - largest;
          out[at(k)] = static_cast<float>(logarithm ? difference - std::log(sum) : std::exp(difference) / sum);
        }
      }
    }
  };
}

}  // namespace

const LoopMakers& normalization_loops() {
  static const LoopMakers makers = {{"BatchNormalization", batch_normalization},
                                    {"LRN", lrn},
                                    {"Softmax", softmax},
                                    {"LogSoftmax", softmax},
                                    {"LayerNormalization", layer_normalization},
                                    {"InstanceNormalization", channel_normalization},
                                    {"GroupNormalization", channel_normalization}};
  return makers;
}

}  // namespace einet::exec
