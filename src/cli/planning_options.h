#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace einet::cli {

/// Adds --distribution. `what` describes what is distributed.
void add_distribution_option(CLI::App& command, std::string& distribution, const std::string& what = "Of the cut-off");
/// Adds --deadline, which is added to `distribution` (plan::with_deadline()). Call it after add_distribution_option().
void add_deadline_option(CLI::App& command, std::string& distribution);
/// Adds --planner. `what` describes the planner.
void add_planner_option(CLI::App& command, std::string& planner, const std::string& what = "Planner");

}  // namespace einet::cli
