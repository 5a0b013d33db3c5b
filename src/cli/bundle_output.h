#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "bundle/update.h"

namespace einet::cli {

/// Where a command that reads a model or bundle writes its bundle.
struct BundleOutput {
  std::string path;    ///< -o; "" = the bundle that was read.
  bool force = false;  ///< --force
};

/// Adds -o and --force.
void add_bundle_output(CLI::App& command, BundleOutput& output, const std::string& help);

/// `input` is the model or bundle that the command read. Throws kUsage if the path of a new bundle does not end in
/// .einet.
bundle::Destination destination(const BundleOutput& output, const std::string& input);

/// bundle::update_bundle(). If that fails, saves under a new name elsewhere; the error contains the path.
bundle::Bundle save_result(const bundle::Destination& destination, const bundle::Bundle& start,
                           const bundle::Change& change);

}  // namespace einet::cli
