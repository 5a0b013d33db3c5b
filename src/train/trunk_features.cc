#include "train/trunk_features.h"

#include <algorithm>
#include <numeric>

namespace einet::train {
namespace {

bool is_channels_last(const at::Tensor& x) {
  return x.dim() == 4 && !x.is_contiguous() && x.is_contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

std::int64_t TrunkFeatures::bytes_needed(const std::vector<at::Tensor>& of_one, int samples) {
  std::int64_t bytes = 0;
  for (const at::Tensor& value : of_one) bytes += static_cast<std::int64_t>(value.nbytes());
  return bytes * samples;
}

TrunkFeatures::TrunkFeatures(int samples, int chunk,
                             const std::function<std::vector<at::Tensor>(const std::vector<int>&)>& compute) {
  for (int from = 0; from < samples; from += chunk) {
    std::vector<int> some(std::min(chunk, samples - from));
    std::iota(some.begin(), some.end(), from);
    const std::vector<at::Tensor> values = compute(some);
    values_.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (from == 0) values_[i].channels_last = is_channels_last(values[i]);
      const at::Tensor rows = values_[i].channels_last ? values[i].permute({0, 2, 3, 1}) : values[i];
      if (from == 0) {
        values_[i].sizes = rows.sizes().slice(1).vec();
        values_[i].rows = at::empty({samples, rows.numel() / rows.size(0)}, rows.options());
      }
      values_[i].rows.narrow(0, from, rows.size(0)).copy_(rows.reshape({rows.size(0), -1}));
    }
  }
}

std::vector<at::Tensor> TrunkFeatures::of(const std::vector<int>& samples) const {
  std::vector<at::Tensor> result;
  for (const Value& value : values_) {
    const at::Tensor index = at::tensor(at::ArrayRef<int>(samples)).to(value.rows.device());
    std::vector<std::int64_t> sizes = {static_cast<std::int64_t>(samples.size())};
    sizes.insert(sizes.end(), value.sizes.begin(), value.sizes.end());
    const at::Tensor chosen = value.rows.index_select(0, index).reshape(sizes);
    result.push_back(value.channels_last ? chosen.permute({0, 3, 1, 2}) : chosen);
  }
  return result;
}

}  // namespace einet::train
