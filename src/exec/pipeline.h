#pragma once

#include "exec/layout/layout.h"
#include "exec/layout/memory_plan.h"
#include "exec/lowering/network.h"
#include "exec/prepared_graph.h"
#include "exec/program.h"
#include "graph/pass_note.h"

// The passes of compilation, in order. Each reports its effect to `notes` unless that is null.

namespace einet::exec {

/// The passes that do not depend on the choice of implementations: lowering and fusion.
Network lower_and_fuse(const PreparedGraph& prepared, graph::PassNotes* notes = nullptr);

/// The locations of all values of a network.
struct Arranged {
  Layout layout;
  MemoryPlan plan;
};

/// The remaining passes: forms and implementations by `options.tuning`, layout, memory plan.
Arranged arrange(Network network, const CompileOptions& options, graph::PassNotes* notes = nullptr);

}  // namespace einet::exec
