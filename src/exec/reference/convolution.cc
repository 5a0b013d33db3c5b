#include <algorithm>
#include <utility>
#include <vector>

#include "exec/reference/loop.h"
#include "graph/window.h"

namespace einet::exec {
namespace {

// The outputs i in [first, end) of `outputs` whose input i * stride + offset is one of `inputs`.
std::pair<std::int64_t, std::int64_t> inside(std::int64_t offset, std::int64_t stride, std::int64_t inputs,
                                             std::int64_t outputs) {
  const auto outputs_before = [&](std::int64_t input) {
    return std::clamp<std::int64_t>((input - offset + stride - 1) / stride, 0, outputs);
  };
  return {outputs_before(0), outputs_before(inputs)};
}

// y[n,m,i,j] = b[m] + sum over c,p,q of w[m,c,p,q] * x[n, group(m)*C/G + c, i*stride + p*dilation - pad, ...]
Loop conv(const Operands& o) {
  const graph::Shape x = o.image(o.inputs[0]), w = o.image(o.inputs[1]), y = o.image(o.output);
  const graph::WindowGeometry g =
      o.image(graph::window_geometry(o.node, o.inputs[0], {o.inputs[1].begin() + 2, o.inputs[1].end()}));
  const std::int64_t groups = o.node.attribute("group", std::int64_t{1});
  const bool bias = o.has(2);
  return [=](std::span<const float* const> in, float* out) {
    const std::int64_t height = x[2], width = x[3], in_group = w[1], out_group = w[0] / groups;
    std::vector<double> sums(static_cast<std::size_t>(y[2] * y[3]));  // One output map, so that inner loops are long.
    for (std::int64_t n = 0; n < y[0]; ++n) {
      for (std::int64_t m = 0; m < y[1]; ++m) {
        std::ranges::fill(sums, bias ? in[2][m] : 0.0);
        for (std::int64_t c = 0; c < in_group; ++c) {
          const float* plane = in[0] + (n * x[1] + m / out_group * in_group + c) * height * width;
          for (std::int64_t p = 0; p < w[2]; ++p) {
            for (std::int64_t q = 0; q < w[3]; ++q) {
              const double weight = in[1][((m * in_group + c) * w[2] + p) * w[3] + q];
              const std::int64_t above = p * g.dilations[0] - g.pads_begin[0];
              const std::int64_t left = q * g.dilations[1] - g.pads_begin[1];
              const auto [top, bottom] = inside(above, g.strides[0], height, y[2]);
              const auto [first, end] = inside(left, g.strides[1], width, y[3]);
              for (std::int64_t i = top; i < bottom; ++i) {
                const float* row = plane + (i * g.strides[0] + above) * width;
                double* sum = sums.data() + i * y[3];
                for (std::int64_t j = first; j < end; ++j) sum[j] += weight * row[j * g.strides[1] + left];
              }
            }
          }
        }
        for (const double sum : sums) *out++ = static_cast<float>(sum);
      }
    }
  };
}

// y[n,m,i,j] = b[m] + sum over the c of m's group and all p,q of w[c,m,p,q] * x[n,c,r,s], where
// r * stride + p * dilation - pad = i, and correspondingly in the other dimension
Loop conv_transpose(const Operands& o) {
  const graph::Shape x = o.image(o.inputs[0]), w = o.image(o.inputs[1]), y = o.image(o.output);
  const graph::WindowGeometry g =
      o.image(graph::transposed_geometry(o.node, o.inputs[0], {o.inputs[1].begin() + 2, o.inputs[1].end()}));
  const std::int64_t groups = o.node.attribute("group", std::int64_t{1});
  const bool bias = o.has(2);
  return [=](std::span<const float* const> in, float* out) {
    const std::int64_t in_group = x[1] / groups, out_group = w[1];
    const auto source = [&](std::int64_t i, std::int64_t k, std::size_t d) {
      const std::int64_t at = i + g.pads_begin[d] - k * g.dilations[d];
      return at >= 0 && at % g.strides[d] == 0 && at / g.strides[d] < x[d + 2] ? at / g.strides[d] : -1;
    };
    for (std::int64_t n = 0; n < y[0]; ++n) {
      for (std::int64_t m = 0; m < y[1]; ++m) {
        for (std::int64_t i = 0; i < y[2]; ++i) {
          for (std::int64_t j = 0; j < y[3]; ++j) {
            double sum = bias ? in[2][m] : 0.0;
            for (std::int64_t p = 0; p < w[2]; ++p) {
              for (std::int64_t q = 0; q < w[3]; ++q) {
                const std::int64_t row = source(i, p, 0), column = source(j, q, 1);
                if (row < 0 || column < 0) continue;
                for (std::int64_t k = 0; k < in_group; ++k) {
                  const std::int64_t c = m / out_group * in_group + k;
                  sum += double{in[0][((n * x[1] + c) * x[2] + row) * x[3] + column]} *
                         in[1][((c * out_group + m % out_group) * w[2] + p) * w[3] + q];
                }
              }
            }
            *out++ = static_cast<float>(sum);
          }
        }
      }
    }
  };
}

}  // namespace

const LoopMakers& convolution_loops() {
  static const LoopMakers makers = {{"Conv", conv}, {"ConvTranspose", conv_transpose}};
  return makers;
}

}  // namespace einet::exec
