#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bundle/bundle.h"
#include "cli/preprocessing_options.h"

namespace einet::cli {

/// Options of read_image().
struct ImageInput {
  std::string data_directory;               ///< Where datasets are kept.
  bool fit = false;                         ///< Resize pictures of another size to that of the network.
  PreprocessingOptions preprocessing = {};  ///< Of all pictures, if given or stored in the bundle.
};

/// Pixels [C,H,W] in [0,1] of an encoded picture for a network with `input` [N,C,H,W]. Throws kInvalidData, naming
/// `path`; also for a picture of another size if there is no preprocessing and `fit`, which takes the largest centred
/// part, is not set.
std::vector<float> picture_pixels(std::string_view bytes, const std::string& path, const graph::Shape& input,
                                  const Preprocessing& preprocessing, bool fit);

/// Reads one input of a bundle's network, [C,H,W] floats in [0,1], from a command-line argument:
///   picture.png, .jpg, .webp, .pgm, …  preprocessed; without preprocessing it must have the network's size, or is
///                                      resized to it with `fit`, like pictures of an image folder; converted to grey
///                                      or colour as the network needs
///   array.npy                          [C,H,W], or [H,W] for one channel: uint8 0..255, or float32 0..1
///   NAME:INDEX                         test image INDEX (from 0) of a dataset, such as fashion-mnist:17, or of the
///                                      folder or list that the bundle was profiled on
///   -                                  a picture or a .npy array from standard input
/// Throws kNotFound, kInvalidData (both sizes named) or kUsage.
std::vector<float> read_image(const std::string& input, const bundle::Bundle& bundle, const ImageInput& how);

}  // namespace einet::cli
