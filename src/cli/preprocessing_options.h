#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "core/preprocessing.h"
#include "graph/tensor.h"

namespace einet::cli {

/// How pictures are brought to a network's size, as the command line has it.
struct PreprocessingOptions {
  std::string resize = {}, crop = {}, interpolation = {};
  Preprocessing otherwise = {};  ///< Where none of them is given.

  bool given() const { return !resize.empty() || !crop.empty() || !interpolation.empty(); }
  /// For a network of this `input`, [N,C,H,W]: a single --resize is followed by a crop to its size. Throws kUsage for
  /// what gives pictures of another size, or some with black borders that nobody asked for.
  Preprocessing resolved(const graph::Shape& input) const;
};

/// Adds --resize, --crop and --interpolation.
void add_preprocessing_options(CLI::App& command, PreprocessingOptions& options);

}  // namespace einet::cli
