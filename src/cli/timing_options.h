#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "bundle/timing.h"

namespace einet::cli {

/// Adds --measure.
CLI::Option* add_measure_option(CLI::App& command, bool& measure);

/// Adds --measure and --platform, of which only one may be given.
void add_timing_options(CLI::App& command, bundle::TimingOptions& options);

/// Prints notes of the library on stderr, each as a line "einet: <note>".
void print_note(const std::string& note);
void print_notes(const std::vector<std::string>& notes);

/// bundle::select_timing() with a progress line; prints its notes.
bundle::Timing timing_for(const bundle::Bundle& bundle, const bundle::TimingOptions& options);

}  // namespace einet::cli
