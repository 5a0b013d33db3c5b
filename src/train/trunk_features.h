#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace einet::train {

/// What a frozen trunk hands to the branches, for every training image: computed once instead of in every epoch.
class TrunkFeatures {
 public:
  /// Memory that the values of `samples` images take, given those of one.
  static std::int64_t bytes_needed(const std::vector<at::Tensor>& of_one, int samples);

  /// `compute(samples)` gives the values of some images, each [samples,...]; of `chunk` images at most at a time.
  TrunkFeatures(int samples, int chunk,
                const std::function<std::vector<at::Tensor>(const std::vector<int>& samples)>& compute);

  /// The values of these images, as compute() gave them.
  std::vector<at::Tensor> of(const std::vector<int>& samples) const;

 private:
  struct Value {
    at::Tensor rows;                  ///< [all samples, values of one], in the order of memory.
    bool channels_last;               ///< Whether that order is height, width, channels.
    std::vector<std::int64_t> sizes;  ///< Of one sample, in that order.
  };
  std::vector<Value> values_;
};

}  // namespace einet::train
