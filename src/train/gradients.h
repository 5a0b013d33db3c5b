#pragma once

#include <ATen/ATen.h>

namespace einet::train {

/// The norm of `gradient`; where it is larger than `clip_norm` (if > 0) and finite, the gradient is scaled down to it.
double clip_gradient(at::Tensor& gradient, double clip_norm);

}  // namespace einet::train
