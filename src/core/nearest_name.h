#pragma once

#include <string>
#include <string_view>

namespace einet {

/// The member of `candidates` nearest to `name` by edit distance, or "" if none is close. For messages such as "unknown
/// network 'msdnt'; did you mean 'msdnet'?".
template <class Range>
std::string nearest_name(std::string_view name, const Range& candidates);

/// Levenshtein distance of two short strings.
int edit_distance(std::string_view a, std::string_view b);

template <class Range>
std::string nearest_name(std::string_view name, const Range& candidates) {
  std::string best;
  int best_distance = static_cast<int>(name.size()) / 2 + 1;
  for (const auto& candidate : candidates) {
    const int distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace einet
