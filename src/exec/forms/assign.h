#pragma once

#include <vector>

#include "exec/forms/choice.h"
#include "exec/lowering/network.h"

namespace einet::exec {

/// Gives every operation its form and method, one choice each (see candidates()), and puts conversions where a reader
/// needs a value in another form than its producer makes. See assign.cc.
void assign_forms(Network& network, const std::vector<Choice>& choices);

}  // namespace einet::exec
