#include "profile/frequent_class.h"

#include <map>

namespace einet::profile {

ClassShare most_frequent_class(std::span<const std::int32_t> labels) {
  std::map<int, int> counts;
  for (const std::int32_t label : labels) ++counts[label];
  ClassShare best;
  int most = 0;
  for (const auto& [label, count] : counts) {
    if (count <= most) continue;
    most = count;
    best = {label, static_cast<double>(count) / static_cast<double>(labels.size())};
  }
  return best;
}

}  // namespace einet::profile
