#pragma once

#include <string>

#include "bundle/bundle.h"
#include "cli/samples.h"
#include "data/dataset.h"
#include "eval/live/live.h"

namespace einet::cli {

/// Pictures are read, divided and normalised as those that the bundle in `model` was profiled on, unless options say
/// otherwise.
void take_over(const std::string& model, const bundle::Bundle& bundle, SampleOptions& samples);

/// The images that a bundle's CS-profile is about: the test images of its dataset, divided and preprocessed as then and
/// checked against the labels of the profile. Throws kNotFound when the bundle does not say which dataset, kInvalidData
/// when the labels disagree.
data::Dataset held_out_set(const bundle::Bundle& bundle, const std::string& data_directory);
eval::ImageSource held_out_images(const bundle::Bundle& bundle, const std::string& data_directory);

}  // namespace einet::cli
