#include "exec/onednn/convolution_shape.h"

#include <span>

namespace einet::exec {

ConvolutionShape convolution_shape(const Convolution& conv, const graph::Shape& input, const graph::Shape& output) {
  const graph::WindowGeometry& w = conv.window;
  ConvolutionShape shape{input,
                         conv.weights.shape,
                         output,
                         w.strides,
                         {w.dilations[0] - 1, w.dilations[1] - 1},
                         w.pads_begin,
                         graph::covered_padding(w, std::span(input).subspan(2))};
  if (conv.groups > 1) {
    const graph::Shape& weights = conv.weights.shape;
    shape.weights = {conv.groups, weights[0] / conv.groups, weights[1], weights[2], weights[3]};
  }
  return shape;
}

dnnl::memory::format_tag weight_order(const Convolution& conv) {
  return conv.groups > 1 ? dnnl::memory::format_tag::goihw : dnnl::memory::format_tag::oihw;
}

}  // namespace einet::exec
