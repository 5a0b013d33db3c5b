#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "graph/window.h"

namespace einet::train {

/// x [N,C,H,W] * weight [outputs,C/groups,kH,kW] + bias, as at::conv2d() computes it, pads at either end alike. Within
/// AutocastBf16 on a CPU, the gradient of the weights of convolutions with 1x1 windows or small results is one matrix
/// product. See convolution.cc.
at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, const c10::optional<at::Tensor>& bias,
                    const graph::WindowGeometry& geometry, std::int64_t groups);

}  // namespace einet::train
