#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "core/preprocessing.h"
#include "graph/tensor.h"

namespace einet::cli {

/// The options for preprocessing pictures for a network.
struct PreprocessingOptions {
  std::string resize = {}, crop = {}, interpolation = {};
  Preprocessing fallback = {};  ///< If none of them is given.

  bool given() const { return !resize.empty() || !crop.empty() || !interpolation.empty(); }
  /// For a network with `input` [N,C,H,W]: a single --resize is followed by a crop to its size. Throws kUsage if the
  /// result has another size, or black borders that were not requested.
  Preprocessing resolved(const graph::Shape& input) const;
};

/// Adds --resize, --crop and --interpolation.
void add_preprocessing_options(CLI::App& command, PreprocessingOptions& options);

}  // namespace einet::cli
