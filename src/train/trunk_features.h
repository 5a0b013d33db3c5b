#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace einet::train {

/// The trunk activations that the branches read, for every training image: computed once instead of in every epoch.
class TrunkFeatures {
 public:
  /// Memory for the values of `samples` images, given those of one.
  static std::int64_t bytes_needed(const std::vector<at::Tensor>& of_one, int samples);

  /// `compute(samples)` returns the values of the given images, each [samples,...]; it is called for at most `chunk`
  /// images at a time.
  TrunkFeatures(int samples, int chunk,
                const std::function<std::vector<at::Tensor>(const std::vector<int>& samples)>& compute);

  /// The values of these images, as returned by compute().
  std::vector<at::Tensor> of(const std::vector<int>& samples) const;

 private:
  struct Value {
    at::Tensor rows;                  ///< [all samples, values of one], in memory order.
    bool channels_last;               ///< Whether that order is height, width, channels.
    std::vector<std::int64_t> sizes;  ///< Of one sample, in that order.
  };
  std::vector<Value> values_;
};

}  // namespace einet::train
