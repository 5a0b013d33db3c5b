#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "bundle/update.h"

namespace einet::cli {

/// Where a command that reads a model or bundle saves its bundle.
struct BundleOutput {
  std::string path;    ///< -o; "" = the bundle that was read.
  bool force = false;  ///< --force
};

/// Adds -o and --force.
void add_bundle_output(CLI::App& command, BundleOutput& output, const std::string& help);

/// `input` is what the command read. Throws kUsage when the path of a new bundle does not end in .einet.
bundle::Destination destination(const BundleOutput& output, const std::string& input);

/// bundle::update_bundle(), or where that fails the same with a new name elsewhere; the error says where.
bundle::Bundle save_result(const bundle::Destination& destination, const bundle::Bundle& start,
                           const bundle::Change& change);

}  // namespace einet::cli
