#include "graph/onnx/fold.h"

#include <array>
#include <unordered_set>

#include "graph/faults.h"
#include "graph/onnx/evaluate.h"

namespace einet::graph {

void remove_unread_initializers(Graph& graph) {
  std::unordered_set<std::string_view> read;
  for (const Node& node : graph.nodes) read.insert(node.inputs.begin(), node.inputs.end());
  std::erase_if(graph.initializers, [&](const auto& entry) { return !read.contains(entry.first); });
}

void fold_constants(Graph& graph) {
  std::erase_if(graph.nodes, [&](const Node& node) {
    const bool known =
        node.outputs.size() == 1 && (node.op == "Constant" || node.op == "Cast" || node.op == "Identity");
    const Tensor* input = known && node.inputs.size() == 1 ? graph.constant(node.inputs.front()) : nullptr;
    if (!known || (node.op != "Constant" && input == nullptr)) return false;
    if (!graph.initializers.emplace(node.outputs.front(), *evaluate(node, std::array{input})).second) {
      invalid(node, "produces '" + node.outputs.front() + "', which exists already");
    }
    return true;
  });
  remove_unread_initializers(graph);
}

void remove_dead_nodes(Graph& graph) {
  std::unordered_set<std::string_view> needed(graph.outputs.begin(), graph.outputs.end());
  std::vector<char> alive(graph.nodes.size(), 0);
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    for (const std::string& output : node.outputs) alive[i] |= needed.contains(output);
    if (alive[i] != 0) needed.insert(node.inputs.begin(), node.inputs.end());
  }
  std::size_t i = 0;
  std::erase_if(graph.nodes, [&](const Node&) { return alive[i++] == 0; });
}

}  // namespace einet::graph
