#pragma once

#include "exec/lowering/network.h"
#include "exec/onednn/primitives.h"

namespace einet::exec {

/// The shape of `conv` for oneDNN, and the order of its weights as ONNX has them.
ConvolutionShape convolution_shape(const Convolution& conv, const graph::Shape& input, const graph::Shape& output);
dnnl::memory::format_tag weight_order(const Convolution& conv);

}  // namespace einet::exec
