#pragma once

#include "exec/layout/layout.h"
#include "exec/layout/memory_plan.h"

namespace einet::exec {

/// A place for every buffer of `layout` if one thread runs the conv parts while another runs the branches in order,
/// each after its conv part and as late as it likes. See lane_memory.cc.
MemoryPlan plan_lane_memory(const Layout& layout);

}  // namespace einet::exec
