#include "graph/keep_exits.h"

#include <algorithm>

#include "graph/faults.h"
#include "graph/onnx/fold.h"
#include "graph/partition.h"

namespace einet::graph {

Graph keep_exits(Graph graph, const std::vector<std::string>& outputs) {
  for (const std::string& output : outputs) {
    if (std::ranges::find(graph.outputs, output) == graph.outputs.end())
      invalid("output '" + output + "'", "is not an exit");
  }
  if (outputs.empty()) invalid("network '" + graph.name + "'", "needs at least one exit");
  graph.outputs = outputs;
  remove_dead_nodes(graph);
  remove_unread_initializers(graph);
  std::erase_if(graph.untrained, [&](const auto& exit) { return std::ranges::find(outputs, exit) == outputs.end(); });
  const std::vector<Block> blocks = partition(graph);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].output != outputs[i]) {
      invalid("output '" + outputs[i] + "'",
              "would no longer be exit " + std::to_string(i + 1) + " without the others");
    }
  }
  return graph;
}

}  // namespace einet::graph
