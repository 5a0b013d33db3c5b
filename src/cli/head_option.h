#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "graph/graph.h"

namespace einet::cli {

/// Adds --head: the kind of the outputs of an ONNX file if its operators do not determine it.
void add_head_option(CLI::App& command, std::string& head);

/// Sets Graph::head to `head`, unless "". Throws kUsage if the operators of `model` determine another kind.
void set_head(const std::string& model, const std::string& head, graph::Graph& graph);

/// Lists on stderr every output whose kind is neither given nor determined by operators: it is assumed to be logits.
void report_assumed_heads(const std::string& model, const graph::Graph& graph);

}  // namespace einet::cli
