#include "onnx/upgrade.h"

#include <algorithm>
#include <unordered_set>

#include "einet/core/error.h"
#include "einet/graph/shape_inference.h"

namespace einet::graph {
namespace {

// Removes an attribute that says nothing when it equals `harmless`.
void drop_attribute(Node& node, const std::string& key, std::int64_t harmless) {
  if (node.attribute(key, harmless) != harmless) {
    throw Error(ErrorKind::kUnsupported, describe(node),
                key + " " + std::to_string(node.attribute(key, harmless)) + " is not supported");
  }
  node.attributes.erase(key);
}

void add_scalar_input(Graph& graph, Node& node, const std::string& key, float value) {
  std::string name = node.name + "." + key;
  while (graph.initializers.contains(name)) name += "_";
  graph.initializers.emplace(name, Tensor({}, std::vector<float>{value}));
  node.inputs.push_back(name);
  node.attributes.erase(key);
}

// min and max were attributes before opset 11.
void upgrade_clip(Graph& graph, Node& node, std::int64_t version) {
  if (version >= 11) return;
  const bool has_max = node.attributes.contains("max");
  if (node.attributes.contains("min")) {
    add_scalar_input(graph, node, "min", node.attribute("min", 0.0f));
  } else if (has_max) {
    node.inputs.emplace_back();
  }
  if (has_max) add_scalar_input(graph, node, "max", node.attribute("max", 0.0f));
}

// The ratio was an attribute before opset 12. Whether to drop anything is the trainer's decision, not the file's.
void upgrade_dropout(Graph& graph, Node& node, std::int64_t version) {
  if (version < 12) {
    add_scalar_input(graph, node, "ratio", node.attribute("ratio", 0.5f));
  } else if (node.inputs.size() == 3) {
    if (!node.inputs[2].empty() && graph.constant(node.inputs[2]) == nullptr) {
      throw Error(ErrorKind::kUnsupported, describe(node), "its training mode is no constant");
    }
    node.inputs.pop_back();
    if (node.inputs[1].empty()) node.inputs.pop_back();
  }
}

void upgrade_average_pool(Node& node) {
  const std::vector<std::int64_t> dilations = node.attribute("dilations", std::vector<std::int64_t>{});
  if (std::any_of(dilations.begin(), dilations.end(), [](std::int64_t step) { return step != 1; })) {
    throw Error(ErrorKind::kUnsupported, describe(node), "dilations are not supported");
  }
  node.attributes.erase("dilations");
}

// Optional outputs that nothing reads: Dropout's mask, what BatchNormalization says in training.
void drop_unread_outputs(Graph& graph) {
  std::unordered_set<std::string> read(graph.outputs.begin(), graph.outputs.end());
  for (const Node& node : graph.nodes) read.insert(node.inputs.begin(), node.inputs.end());
  for (Node& node : graph.nodes) {
    while (node.outputs.size() > 1 && (node.outputs.back().empty() || !read.contains(node.outputs.back()))) {
      node.outputs.pop_back();
    }
  }
}

}  // namespace

void upgrade_to_opset_13(Graph& graph, std::int64_t version) {
  drop_unread_outputs(graph);
  for (Node& node : graph.nodes) {
    if (node.op == "Clip") upgrade_clip(graph, node, version);
    if (node.op == "Dropout") upgrade_dropout(graph, node, version);
    if (node.op == "AveragePool") upgrade_average_pool(node);
    if (node.op == "Reshape") drop_attribute(node, "allowzero", 0);
    if (node.op == "Softmax" && version < 13) node.attributes.emplace("axis", std::int64_t{1});
    if (node.op == "BatchNormalization") {
      drop_attribute(node, "training_mode", 0);
      drop_attribute(node, "spatial", 1);
    }
  }
}

void check_old_softmax(const Graph& graph, std::int64_t version) {
  if (version >= 13) return;
  const Shapes shapes = infer_shapes(graph);
  for (const Node& node : graph.nodes) {
    if (node.op != "Softmax") continue;
    const Shape& shape = shapes.at(node.outputs.front());
    std::int64_t axis = node.attribute("axis", std::int64_t{1});
    if (axis < 0) axis += static_cast<std::int64_t>(shape.size());
    const Shape later(shape.begin() + axis + 1, shape.end());
    if (element_count(later) != 1) {
      throw Error(ErrorKind::kUnsupported, describe(node),
                  "a softmax over several dimensions at once is not supported");
    }
  }
}

}  // namespace einet::graph
