#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "bundle/bundle.h"
#include "cli/preprocessing_options.h"
#include "data/samples.h"

namespace einet::cli {

/// Which images a command reads.
struct SampleOptions {
  data::SampleSource source;                ///< Without its preprocessing.
  PreprocessingOptions preprocessing = {};  ///< Of the pictures of folders and lists.
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

/// The same for a bundle; images of the folder that it was profiled on are also divided as they were then.
void take_over(const std::string& model, const bundle::Bundle& bundle, SampleOptions& samples);

/// data::load_samples() with notes on stderr. Throws kUsage for options that do not fit the images.
data::Dataset load_samples(const SampleOptions& options, data::Split split, const graph::Input& input);

}  // namespace einet::cli
