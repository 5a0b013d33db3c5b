#include <algorithm>
#include <limits>

#include "exec/reference/loop.h"
#include "graph/window.h"

namespace einet::exec {
namespace {

enum class Pooled { kMax, kAverage };

// Every window of every plane. An average includes the elements inside the image, with count_include_pad also those in
// the declared padding; elements that ceil_mode adds beyond the padding are never included.
Loop pool(const Operands& o, Pooled kind, const graph::WindowGeometry& g, bool include_padding) {
  return [=, x = o.image(o.inputs[0]), y = o.image(o.output)](std::span<const float* const> in, float* out) {
    const std::int64_t height = x[2], width = x[3];
    for (std::int64_t plane = 0; plane < x[0] * x[1]; ++plane) {
      const float* image = in[0] + plane * height * width;
      for (std::int64_t i = 0; i < y[2]; ++i) {
        for (std::int64_t j = 0; j < y[3]; ++j) {
          double sum = 0.0;
          float largest = -std::numeric_limits<float>::infinity();
          int count = 0;
          for (std::int64_t p = 0; p < g.kernel[0]; ++p) {
            for (std::int64_t q = 0; q < g.kernel[1]; ++q) {
              const std::int64_t row = i * g.strides[0] + p * g.dilations[0] - g.pads_begin[0];
              const std::int64_t column = j * g.strides[1] + q * g.dilations[1] - g.pads_begin[1];
              if (row >= height + g.pads_end[0] || column >= width + g.pads_end[1]) continue;
              const bool inside = row >= 0 && row < height && column >= 0 && column < width;
              count += inside || include_padding;
              if (!inside) continue;
              sum += image[row * width + column];
              largest = std::max(largest, image[row * width + column]);
            }
          }
          *out++ = kind == Pooled::kMax ? largest : static_cast<float>(sum / count);
        }
      }
    }
  };
}

Loop windowed(const Operands& o, Pooled kind) {
  const graph::Shape& x = o.inputs[0];
  const auto kernel = o.node.attribute("kernel_shape", std::vector<std::int64_t>{});
  const bool include_padding = o.node.attribute("count_include_pad", std::int64_t{0}) != 0;
  return pool(o, kind, o.image(graph::window_geometry(o.node, x, kernel)), include_padding);
}

Loop max_pool(const Operands& o) { return windowed(o, Pooled::kMax); }
Loop average_pool(const Operands& o) { return windowed(o, Pooled::kAverage); }

Loop global_pool(const Operands& o, Pooled kind) {
  const graph::Shape x = o.image(o.inputs[0]);
  return pool(o, kind, {{x[2], x[3]}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {1, 1}}, false);
}

Loop global_average_pool(const Operands& o) { return global_pool(o, Pooled::kAverage); }
Loop global_max_pool(const Operands& o) { return global_pool(o, Pooled::kMax); }

}  // namespace

const LoopMakers& pooling_loops() {
  static const LoopMakers makers = {{"MaxPool", max_pool},
                                    {"AveragePool", average_pool},
                                    {"GlobalAveragePool", global_average_pool},
                                    {"GlobalMaxPool", global_max_pool}};
  return makers;
}

}  // namespace einet::exec
