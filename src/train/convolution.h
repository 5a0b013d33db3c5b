#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace einet::train {

struct ConvolutionShape {
  std::vector<std::int64_t> strides, pads, dilations;  ///< Of both dimensions; pads at either end alike.
  std::int64_t groups = 1;
};

/// x [N,C,H,W] * weight [outputs,C/groups,kH,kW] + bias, as at::conv2d() computes it. Within AutocastBf16 on a CPU, the
/// gradient of the weights of convolutions with 1x1 windows or small results is one matrix product. See convolution.cc.
at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, const c10::optional<at::Tensor>& bias,
                    const ConvolutionShape& shape);

}  // namespace einet::train
