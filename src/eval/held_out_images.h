#pragma once

#include <string>

#include "bundle/bundle.h"
#include "data/samples.h"
#include "eval/live/live.h"

namespace einet::eval {

/// The images of a bundle's CS-profile: the test images of its dataset, split and preprocessed as for the profile and
/// checked against its labels. Throws kNotFound if the bundle does not name its dataset, kInvalidData if the labels
/// differ.
data::Dataset held_out_set(const bundle::Bundle& bundle, const std::string& data_directory,
                           const data::NoteHandler& note);

/// The same as a source for evaluate_live().
ImageSource held_out_images(const bundle::Bundle& bundle, const std::string& data_directory,
                            const data::NoteHandler& note);

}  // namespace einet::eval
