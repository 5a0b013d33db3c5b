#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "cli/preprocessing_options.h"
#include "core/hold_out.h"
#include "data/dataset.h"
#include "einet/normalization.h"
#include "graph/graph.h"

namespace einet::cli {

/// Which images a command reads.
struct SampleOptions {
  std::string data;                         ///< A dataset's name, an image folder, or a CSV list of images.
  std::string directory;                    ///< Where datasets are kept.
  int limit = 0;                            ///< Only the first so many of a split; 0 = all.
  std::string unreadable;                   ///< What to do at an unreadable image of a folder: "skip" or "stop".
  std::optional<HoldOut> hold_out = {};     ///< Divides a folder that has no test images of its own.
  PreprocessingOptions preprocessing = {};  ///< Of the pictures of folders and lists.
  Normalization normalization = {};  ///< What the network was trained with; empty = computed from the training images.
};

/// Adds --dir.
void add_directory_option(CLI::App& command, std::string& directory);

/// Adds --data, --dir, --limit, --unreadable, --split, --split-seed, --resize, --crop, --interpolation, --mean and
/// --stddev.
void add_sample_options(CLI::App& command, SampleOptions& options);

/// Pictures are preprocessed and normalised as the network in `model` was trained, as far as that is known, unless
/// options say otherwise; then one line each on stderr names what they replace. Throws kInvalidData where the
/// normalisation does not fit the `input`.
void take_over(const std::string& model, const graph::Input& input, const Preprocessing& preprocessing,
               const Normalization& normalization, SampleOptions& samples);

/// A split of a dataset by name, or of an image folder: brought to the network's `input` [N,C,H,W]; for an input of
/// bytes, pixels keep their values from 0 to 255. Images of a folder that cannot be read are named and counted on
/// stderr, unless told to stop there. Throws kUsage for options that do not fit the images.
data::Dataset load_samples(const SampleOptions& options, data::Split split, const graph::Input& input);

/// Writes image i of `set`, which must outlive this, as a network takes it.
std::function<void(int, std::span<float>)> normalized_images(const data::Dataset& set);

/// Throws kInvalidData, naming `model`, unless the images fit the input of its network.
void check_samples(const data::Dataset& set, const graph::Graph& graph, const std::string& model);

}  // namespace einet::cli
