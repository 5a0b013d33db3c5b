#pragma once

#include <ATen/ATen.h>

namespace einet::train {

/// Returns the norm of `gradient`. If it is finite and larger than `clip_norm` > 0, scales the gradient down to it.
double clip_gradient(at::Tensor& gradient, double clip_norm);

}  // namespace einet::train
