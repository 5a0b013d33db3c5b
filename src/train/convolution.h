#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "graph/window.h"

namespace einet::train {

/// x [N,C,H,W] * weight [outputs,C/groups,kH,kW] + bias, as computed by at::conv2d(), with the same padding at both
/// ends. Within AutocastBf16 on a CPU, the weight gradient of convolutions with 1x1 windows or small results is a
/// single matrix product. See convolution.cc.
at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, const c10::optional<at::Tensor>& bias,
                    const graph::WindowGeometry& geometry, std::int64_t groups);

}  // namespace einet::train
