#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace einet::cli {

/// What is wrong with a command line that `app` has refused, as "what: why" with the nearest right name, where a
/// command or a long option is unknown or a command is missing. "" where something else is wrong.
std::string mistyped_name(const CLI::App& app, int argc, const char* const* argv);

}  // namespace einet::cli
