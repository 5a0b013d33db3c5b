#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "graph/graph.h"

namespace einet::cli {

/// Adds --head: what the outputs of an ONNX file are where its operators do not decide it.
void add_head_option(CLI::App& command, std::string& head);

/// Sets Graph::head to `head`, unless "". Throws kUsage where the operators of `model` show something else.
void set_head(const std::string& model, const std::string& head, graph::Graph& graph);

/// Names on stderr every output that the operators leave open and no head is given for: it is taken for logits.
void report_assumed_heads(const std::string& model, const graph::Graph& graph);

}  // namespace einet::cli
