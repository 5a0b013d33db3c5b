#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "data/dataset.h"

namespace einet::data {

/// Random changes that do not affect an image's class.
struct Augmentation {
  int padding = 4;    ///< Black pixels added on each side before a random crop to the image's size.
  bool flip = false;  ///< Mirrors left and right with probability 1/2.

  /// The usual augmentation of a dataset: crops, and flips unless the images are digits.
  static Augmentation for_dataset(std::string_view name);
};

/// Network input of the given samples, as computed by normalize(): `out` is [samples, C, H, W].
void fill_batch(const Dataset& dataset, std::span<const int> samples, std::span<float> out);

/// The same with augmentation. The augmentation of a sample depends only on (seed, epoch, sample), so an
/// interrupted epoch resumes exactly.
void fill_augmented_batch(const Dataset& dataset, std::span<const int> samples, const Augmentation& augmentation,
                          std::uint64_t seed, int epoch, std::span<float> out);

/// A permutation of 0..size-1 that depends only on (seed, epoch): the order of the samples in an epoch.
std::vector<int> epoch_order(int size, std::uint64_t seed, int epoch);

}  // namespace einet::data
