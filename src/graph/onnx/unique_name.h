#pragma once

#include <string>
#include <unordered_set>

namespace einet::graph {

/// `name`, with as many `suffix`es as make it new among `taken`, where it is from now on.
inline std::string unique_name(std::string name, std::unordered_set<std::string>& taken,
                               const std::string& suffix = "_") {
  while (!taken.insert(name).second) name += suffix;
  return name;
}

}  // namespace einet::graph
