#include "graph/ancestors.h"

namespace einet::graph {

std::vector<char> ancestors(const Graph& graph, const std::unordered_map<std::string, int>& produced_by,
                            const std::string& output) {
  std::vector<char> needed(graph.nodes.size(), 0);
  needed[produced_by.at(output)] = 1;
  for (int node = static_cast<int>(graph.nodes.size()) - 1; node >= 0; --node) {
    if (!needed[node]) continue;
    for (const std::string& value : graph.nodes[node].inputs) {
      if (const auto producer = produced_by.find(value); producer != produced_by.end()) needed[producer->second] = 1;
    }
  }
  return needed;
}

}  // namespace einet::graph
