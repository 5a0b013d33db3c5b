#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// "exit1" for position 0.
std::string exit_name(std::size_t position);

/// Renames exits called "exitJ" by their position, together with the names derived from them ("exitJ.…").
class ExitRenumbering {
 public:
  /// All outputs in order of depth; empty for exits that do not exist yet.
  explicit ExitRenumbering(const std::vector<std::string>& outputs);

  /// The new name of a node, value or weight.
  std::string operator()(const std::string& name) const;
  /// Throws kInvalidData if a weight would get the name of another.
  void apply(Graph& graph) const;

 private:
  std::map<std::string, std::string> names_;
};

}  // namespace einet::graph
