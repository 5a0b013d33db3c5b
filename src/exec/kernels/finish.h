#pragma once

#include <cstdint>

#include "exec/lowering/network.h"

namespace einet::exec {

// Completes the result of a oneDNN primitive: y = activation(y + residual), in place, for `count` elements without
// gaps; `residual` may be nullptr. In bfloat16, the sum and the activation are computed in float32 and rounded once.

void finish(Activation activation, const float* residual, float* y, std::int64_t count);
void finish(Activation activation, const std::uint16_t* residual, std::uint16_t* y, std::int64_t count);

}  // namespace einet::exec
