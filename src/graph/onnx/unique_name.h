#pragma once

#include <string>
#include <unordered_set>

namespace einet::graph {

/// Appends `suffix` to `name` until it is not in `taken`, adds it there and returns it.
inline std::string unique_name(std::string name, std::unordered_set<std::string>& taken,
                               const std::string& suffix = "_") {
  while (!taken.insert(name).second) name += suffix;
  return name;
}

}  // namespace einet::graph
