#include <algorithm>
#include <string>
#include <utility>

#include "graph/faults.h"
#include "graph/insertion.h"
#include "graph/onnx/fold.h"
#include "graph/shape_inference.h"

namespace einet::graph {
namespace {

/// The layer with weights from which `output` is computed by operators with one computed input.
const Node& classifying_layer(const Graph& graph, const std::string& output) {
  const auto produced_by = producers(graph);
  std::string value = output;
  while (true) {
    const auto producer = produced_by.find(value);
    if (producer == produced_by.end()) break;
    const Node& node = graph.nodes[static_cast<std::size_t>(producer->second)];
    const bool layer = node.op == "Conv" || node.op == "Gemm" || node.op == "MatMul";
    if (layer && graph.constant(node.inputs.at(1)) != nullptr) return node;
    const std::string* computed = nullptr;
    for (const std::string& input : node.inputs) {
      if (input.empty() || graph.constant(input) != nullptr) continue;
      if (computed != nullptr)
        unsupported("output '" + output + "'", "comes from several layers, at " + describe(node));
      computed = &input;
    }
    if (computed == nullptr) break;
    value = *computed;
  }
  unsupported("output '" + output + "'", "is not computed by a layer with weights that new classes could replace");
}

}  // namespace

Graph with_new_classes(Graph graph, int classes, std::uint64_t seed) {
  const Shapes shapes = infer_shapes(graph, 1);
  const std::vector<std::string> outputs = graph.outputs;
  struct Ending {
    std::string features;  ///< What the new layer reads.
    std::vector<std::int64_t> positions;
  };
  std::vector<Ending> endings;
  for (const std::string& output : outputs) {
    const Node& layer = classifying_layer(graph, output);
    Ending ending{layer.inputs.front(), {}};
    const std::size_t rank = shapes.at(ending.features).size();
    const std::size_t kept = layer.op == "Conv" ? 1 : rank - 1;
    for (std::size_t d = 1; d < rank; ++d) {
      if (d != kept) ending.positions.push_back(static_cast<std::int64_t>(d));
    }
    endings.push_back(std::move(ending));
  }
  // Nodes that only the old classes need are removed first, so that their names are free.
  graph.outputs.clear();
  for (const Ending& ending : endings) graph.outputs.push_back(ending.features);
  remove_dead_nodes(graph);
  remove_unread_initializers(graph);
  Builder net(std::move(graph), seed);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    std::string x = endings[i].features;
    if (!endings[i].positions.empty()) x = net.mean(x, endings[i].positions, outputs[i] + ".mean");
    net.keep_output(net.linear(x, classes, outputs[i]));
  }
  Graph result = std::move(net).build();
  result.head.reset();
  result.untrained.insert(outputs.begin(), outputs.end());
  return result;
}

}  // namespace einet::graph
