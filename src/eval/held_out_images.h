#pragma once

#include <string>

#include "bundle/bundle.h"
#include "data/samples.h"
#include "eval/live/live.h"

namespace einet::eval {

/// The images that a bundle's CS-profile is about: the test images of its dataset, divided and preprocessed as then and
/// checked against the labels of the profile. Throws kNotFound when the bundle does not name its dataset, kInvalidData
/// when the labels disagree.
data::Dataset held_out_set(const bundle::Bundle& bundle, const std::string& data_directory,
                           const data::NoteHandler& note);

/// The same as a source for evaluate_live().
ImageSource held_out_images(const bundle::Bundle& bundle, const std::string& data_directory,
                            const data::NoteHandler& note);

}  // namespace einet::eval
