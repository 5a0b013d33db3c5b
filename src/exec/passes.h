#pragma once

#include "exec/program.h"
#include "graph/pass_note.h"

namespace einet::exec {

/// What the passes of compile() do to `graph` with these options, for people: one note for each. Forms and
/// implementations are those of `options.tuning`. Throws as compile() does.
graph::PassNotes explain_passes(const graph::Graph& graph, const CompileOptions& options = {});

}  // namespace einet::exec
