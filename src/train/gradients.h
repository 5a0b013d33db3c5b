#pragma once

#include <vector>

#include "interpreter.h"

namespace einet::train {

/// Norm of the gradients of all parameters together; where it is larger than `clip_norm` (if > 0) and finite, the
/// gradients are scaled down to it.
double clip_gradients(const std::vector<Interpreter::Parameter>& parameters, double clip_norm);

}  // namespace einet::train
