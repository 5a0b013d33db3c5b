#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "bundle/bundle.h"
#include "cli/preprocessing_options.h"
#include "data/samples.h"

namespace einet::cli {

/// The images that a command reads.
struct SampleOptions {
  data::SampleSource source;                ///< Without its preprocessing.
  PreprocessingOptions preprocessing = {};  ///< Of the pictures of folders and lists.
};

/// Adds --dir.
void add_directory_option(CLI::App& command, std::string& directory);

/// Adds --data, --dir, --limit, --unreadable, --split, --split-seed, --resize, --crop, --interpolation, --mean and
/// --stddev.
void add_sample_options(CLI::App& command, SampleOptions& options);

/// Adopts the preprocessing and normalisation that the network in `model` was trained with, as far as they are known,
/// unless set by options; then one line for each on stderr states what the options replace. Throws kInvalidData if the
/// normalisation does not fit the `input`.
void adopt_preparation(const std::string& model, const graph::Input& input, const Preprocessing& preprocessing,
                       const Normalization& normalization, SampleOptions& samples);

/// The same for a bundle; images of the folder that it was profiled on are also split in the same way.
void adopt_preparation(const std::string& model, const bundle::Bundle& bundle, SampleOptions& samples);

/// data::load_samples() with notes on stderr. Throws kUsage for options that do not apply to the images.
data::Dataset load_samples(const SampleOptions& options, data::Split split, const graph::Input& input);

}  // namespace einet::cli
