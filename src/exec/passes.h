#pragma once

#include "exec/program.h"
#include "graph/pass_note.h"

namespace einet::exec {

/// The effects of the passes of compile() on `graph` with these options, for display: one note for each. Forms and
/// implementations are those of `options.tuning`. Throws the errors of compile().
graph::PassNotes explain_passes(const graph::Graph& graph, const CompileOptions& options = {});

}  // namespace einet::exec
