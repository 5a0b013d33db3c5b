#pragma once

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "graph/graph.h"

namespace einet::cli {

void add_model_list(CLI::App& model);
void add_model_inspect(CLI::App& model);
void add_model_run(CLI::App& model);
void add_model_insert_exits(CLI::App& model);
void add_model_choose_exits(CLI::App& model);

/// Blocks, MACs and parameters of a multi-exit network, as in `einet model inspect --json`.
nlohmann::json describe(const graph::Graph& graph);
/// The same as a table on standard output.
void print_description(const nlohmann::json& description);

}  // namespace einet::cli
