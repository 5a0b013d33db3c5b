#pragma once

#include <vector>

#include "exec/forms/choice.h"
#include "exec/lowering/network.h"

namespace einet::exec {

/// Gives every operation that rounds its result but is not computed on bytes a separate Quantize, with the same name,
/// and decides the form of the results of all Quantize operations: bytes if nothing reads floats. `choices` has one
/// entry for each operation, before and after.
void split_rounding(Network& network, std::vector<Choice>& choices);

}  // namespace einet::exec
