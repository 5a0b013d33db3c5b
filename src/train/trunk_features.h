#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::train {

/// What a frozen trunk hands to the branches, for every training image: computed once instead of in every epoch.
class TrunkFeatures {
 public:
  /// Memory that `values` of `graph` take for `samples` images.
  static std::int64_t bytes_needed(const graph::Graph& graph, const std::vector<std::string>& values, int samples,
                                   bool bf16);

  /// `compute(samples)` gives the values of some images, each [samples,...].
  TrunkFeatures(int samples, const std::function<std::vector<at::Tensor>(const std::vector<int>& samples)>& compute);

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
