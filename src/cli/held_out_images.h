#pragma once

#include <string>

#include "einet/bundle/bundle.h"
#include "einet/eval/live.h"

namespace einet::cli {

/// The images that a bundle's CS-profile is about: the test images of its dataset, checked against the labels of the
/// profile. Throws kNotFound when the bundle does not say which dataset, kInvalidData when the labels disagree.
eval::ImageSource held_out_images(const bundle::Bundle& bundle, const std::string& data_directory);

}  // namespace einet::cli
