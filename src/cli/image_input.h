#pragma once

#include <string>
#include <vector>

#include "einet/graph/tensor.h"

namespace einet::cli {

/// Reads one network input, [C,H,W] floats in [0,1], from what people type:
///   picture.png, .jpg, .webp, .pgm, …   of the network's size, or with `fit` brought to it as those of an image folder
///                                      are; grey or colour as the network wants
///   array.npy                          [C,H,W], or [H,W] for one channel: uint8 0..255, or float32 0..1
///   NAME:INDEX                         test image INDEX (from 0) of a dataset, such as fashion-mnist:17
///   -                                  a picture or a .npy array from standard input
/// `shape` is [1,C,H,W]. Throws kNotFound, kInvalidData (both sizes named) or kUsage.
std::vector<float> read_image(const std::string& input, const graph::Shape& shape, const std::string& data_directory,
                              bool fit = false);

}  // namespace einet::cli
