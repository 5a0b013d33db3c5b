#pragma once

#include "exec/kernels/rows.h"
#include "exec/lowering/network.h"

namespace einet::exec {

/// y = activation(x); x and y may be the same. Absolute errors: below 3e-7 for kErf and 3e-7 * |x| for kGelu, a few
/// units in the last place for the others.
void activate_rows(Activation activation, Source x, Target y, Extent extent);

}  // namespace einet::exec
