#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace einet::data {

/// Random changes that leave an image's class as it is.
struct Augmentation {
  int padding = 4;    ///< Black pixels added on each side, from which a window of the image's size is cut at random.
  bool flip = false;  ///< Mirrors left and right, every second time.

  /// What suits a dataset: crops everywhere, flips unless the images are digits.
  static Augmentation for_dataset(std::string_view name);
};

/// Network input of the chosen samples, as normalize() would give it: `out` is [samples, C, H, W].
void fill_batch(const Dataset& dataset, std::span<const int> samples, std::span<float> out);

/// The same with augmentation. The augmentation of a sample depends only on (seed, epoch, sample), so an
/// interrupted epoch resumes exactly.
void fill_augmented_batch(const Dataset& dataset, std::span<const int> samples, const Augmentation& augmentation,
                          std::uint64_t seed, int epoch, std::span<float> out);

/// A permutation of 0..size-1 that depends only on (seed, epoch): the order of the samples in an epoch.
std::vector<int> epoch_order(int size, std::uint64_t seed, int epoch);

}  // namespace einet::data
