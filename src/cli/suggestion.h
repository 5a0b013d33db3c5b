#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace einet::cli {

/// The error of a command line that `app` has rejected, as "what: why" with the nearest valid name, if a command or a
/// long option is unknown or a command is missing. "" for other errors.
std::string mistyped_name(const CLI::App& app, int argc, const char* const* argv);

}  // namespace einet::cli
