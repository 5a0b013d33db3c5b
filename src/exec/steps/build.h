#pragma once

#include <vector>

#include "exec/layout/layout.h"
#include "exec/layout/memory_plan.h"
#include "exec/memory.h"
#include "exec/steps/step.h"

namespace einet::exec {

/// Converts a placed operation to a step; `plan` contains the offsets of the buffers. The step reads its weights from
/// `weights`, which must outlive it. Throws kUnsupported, naming the node, if a library cannot run it.
Step build_step(const PlacedOperation& placed, const std::vector<Value>& values, const MemoryPlan& plan,
                WeightStore& weights, int threads);

}  // namespace einet::exec
