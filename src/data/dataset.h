#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "einet/preprocessing.h"

namespace einet::data {

enum class Split { kTrain, kTest };

/// Labelled images in memory, 8 bits per channel, [size, channels, height, width] in C order.
struct Dataset {
  std::string name;
  int channels = 0;
  int height = 0;
  int width = 0;
  std::vector<std::string> label_names;  ///< One per class.
  Normalization normalization;           ///< Of the training split's pixels.
  std::vector<std::uint8_t> pixels;
  std::vector<std::int32_t> labels;

  int size() const { return static_cast<int>(labels.size()); }
  int classes() const { return static_cast<int>(label_names.size()); }
  int image_size() const { return channels * height * width; }
  std::span<const std::uint8_t> image(int i) const;
};

/// "mnist", "fashion-mnist", "cifar10", "cifar100".
const std::vector<std::string>& dataset_names();

/// Loads a dataset from `directory` if given, otherwise from $EINET_DATA, otherwise from "data" in the working
/// directory; fashion-mnist also from Debian's /usr/share/datasets/fashion-mnist. Throws kUsage (unknown name; the
/// nearest is suggested), kNotFound (with the `einet data get` command to run), kInvalidData (a file of the wrong size,
/// with a wrong magic number or label).
Dataset load_dataset(std::string_view name, Split split, const std::filesystem::path& directory = {});

/// Network input from pixels: (pixel/255 - mean[c]) / stddev[c]. `out` has as many elements as `pixels`.
void normalize(std::span<const std::uint8_t> pixels, int channels, const Normalization& normalization,
               std::span<float> out);

/// Fetches the official files of `name` into `directory` from a folder or a URL prefix and verifies the images and
/// labels by count and checksum. Existing valid files are kept. Throws kNotFound, kInvalidData, kIo; a failed fetch
/// leaves no partial file.
void get_dataset(std::string_view name, const std::filesystem::path& directory, std::string_view from);

}  // namespace einet::data
