#pragma once

#include <vector>

#include "exec/forms/choice.h"
#include "exec/lowering/network.h"

namespace einet::exec {

/// Sets form and method of every operation, from one choice each (see candidates()), and inserts conversions where a
/// reader needs a value in a form other than that of its producer. See assign.cc.
void assign_forms(Network& network, const std::vector<Choice>& choices);

}  // namespace einet::exec
