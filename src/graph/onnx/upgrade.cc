#include "graph/onnx/upgrade.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "graph/faults.h"
#include "graph/onnx/unique_name.h"

namespace einet::graph {
namespace {

// Removes an attribute that has no effect if it equals `harmless`; other values are not supported.
void drop_attribute(Node& node, const std::string& key, std::int64_t harmless) {
  if (node.attribute(key, harmless) != harmless) {
    unsupported(node, key + " " + std::to_string(node.attribute(key, harmless)) + " is not supported");
  }
  node.attributes.erase(key);
}

std::string add_constant(Graph& graph, const Node& node, const std::string& key, Tensor value) {
  std::string name = node.name + "." + key;
  while (graph.initializers.contains(name)) name += "_";
  graph.initializers.emplace(name, std::move(value));
  return name;
}

void add_scalar_input(Graph& graph, Node& node, const std::string& key, float value) {
  node.inputs.push_back(add_constant(graph, node, key, Tensor({}, std::vector<float>{value})));
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

// The ratio was an attribute before opset 12. The training mode in the file is ignored; the trainer sets it.
void upgrade_dropout(Graph& graph, Node& node, std::int64_t version) {
  if (version < 12) {
    add_scalar_input(graph, node, "ratio", node.attribute("ratio", 0.5f));
  } else if (node.inputs.size() == 3) {
    if (!node.inputs[2].empty() && graph.constant(node.inputs[2]) == nullptr) {
      unsupported(node, "its training mode is not a constant");
    }
    node.inputs.pop_back();
    if (node.inputs[1].empty()) node.inputs.pop_back();
  }
}

// AveragePool has dilations since opset 19.
void drop_dense_dilations(Node& node) {
  const std::vector<std::int64_t> dilations = node.attribute("dilations", std::vector<std::int64_t>{});
  if (std::ranges::all_of(dilations, [](std::int64_t step) { return step == 1; })) node.attributes.erase("dilations");
}

std::string add_integers(Graph& graph, const Node& node, const std::string& key, std::vector<std::int64_t> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return add_constant(graph, node, key, Tensor({count}, std::move(values)));
}

// starts, ends and axes were attributes before opset 10.
void upgrade_slice(Graph& graph, Node& node, std::int64_t version) {
  if (version >= 10 || node.inputs.size() != 1) return;
  for (const char* key : {"starts", "ends", "axes"}) {
    if (!node.attributes.contains(key)) continue;
    node.inputs.push_back(add_integers(graph, node, key, node.attribute(key, std::vector<std::int64_t>{})));
    node.attributes.erase(key);
  }
}

// pads and value were attributes before opset 11.
void upgrade_pad(Graph& graph, Node& node, std::int64_t version) {
  if (version >= 11 || node.inputs.size() != 1) return;
  node.inputs.push_back(add_integers(graph, node, "pads", node.attribute("pads", std::vector<std::int64_t>{})));
  node.attributes.erase("pads");
  add_scalar_input(graph, node, "value", node.attribute("value", 0.0f));
}

// Upsample became Resize in opset 10; coordinate modes were added in opset 11.
void upgrade_resize(Graph& graph, Node& node, std::int64_t version) {
  if (version >= 11) return;
  if (node.op == "Upsample" && node.attributes.contains("scales")) {
    const auto* scales = std::get_if<std::vector<float>>(&node.attributes.at("scales"));
    if (scales == nullptr) invalid(node, "its scales are not floats");
    const auto count = static_cast<std::int64_t>(scales->size());
    node.inputs.push_back(add_constant(graph, node, "scales", Tensor({count}, *scales)));
    node.attributes.erase("scales");
  }
  if (node.inputs.size() != 2) invalid(node, "has no scales");
  node.op = "Resize";
  node.inputs.insert(node.inputs.begin() + 1, "");
  node.attributes["coordinate_transformation_mode"] = std::string("asymmetric");
  node.attributes["nearest_mode"] = std::string("floor");
}

// An exponent may be an integer.
void make_exponent_float(Graph& graph, Node& node) {
  const Tensor* exponent = node.inputs.size() == 2 ? graph.constant(node.inputs[1]) : nullptr;
  if (exponent == nullptr || exponent->is_float()) return;
  Tensor value(exponent->shape, std::vector<float>(exponent->ints().begin(), exponent->ints().end()));
  node.inputs[1] = add_constant(graph, node, "exponent", std::move(value));
}

// The type of the statistics, which are always computed in float or better.
void drop_precision(Node& node) {
  const std::int64_t type = node.attribute("stash_type", std::int64_t{1});
  if (type != 1 && type != 11) unsupported(node, "stash_type " + std::to_string(type) + " is not supported");
  node.attributes.erase("stash_type");
}

// Converts Sum, Mean, Max and Min of any number of inputs to a chain of operators with two inputs.
void split_variadic(Graph& graph) {
  std::unordered_set<std::string> values, names;
  for (const Node& node : graph.nodes) {
    values.insert(node.outputs.begin(), node.outputs.end());
    names.insert(node.name);
  }
  for (const auto& [name, tensor] : graph.initializers) values.insert(name);
  for (const Input& input : graph.inputs) values.insert(input.name);
  std::vector<Node> nodes;
  for (Node& node : graph.nodes) {
    const bool mean = node.op == "Mean", sum = node.op == "Sum";
    if (!mean && !sum && node.op != "Max" && node.op != "Min") {
      nodes.push_back(std::move(node));
      continue;
    }
    if (node.inputs.empty() || node.outputs.size() != 1) invalid(node, "needs inputs and one output");
    const std::string op = mean || sum ? "Add" : node.op;
    std::string left = node.inputs.front();
    const std::size_t count = node.inputs.size();
    for (std::size_t i = 1; i < count; ++i) {
      const bool last = i + 1 == count && !mean;
      const std::string name = last ? node.name : unique_name(node.name + "." + std::to_string(i), names);
      const std::string output = last ? node.outputs.front() : unique_name(name, values);
      nodes.push_back({op, name, {left, node.inputs[i]}, {output}, {}});
      left = output;
    }
    if (count > 1 && !mean) continue;
    if (count == 1) {
      nodes.push_back({"Identity", node.name, {left}, node.outputs, {}});
    } else {
      const std::string divisor =
          add_constant(graph, node, "count", Tensor({}, std::vector<float>{static_cast<float>(count)}));
      nodes.push_back({"Div", node.name, {left, divisor}, node.outputs, {}});
    }
  }
  graph.nodes = std::move(nodes);
}

// Drops optional outputs that nothing reads: Dropout's mask, the training outputs of BatchNormalization.
void drop_unread_outputs(Graph& graph) {
  std::unordered_set<std::string> read(graph.outputs.begin(), graph.outputs.end());
  for (const Node& node : graph.nodes) read.insert(node.inputs.begin(), node.inputs.end());
  for (Node& node : graph.nodes) {
    if (node.op == "Split") continue;  // The number of outputs determines the split.
    while (node.outputs.size() > 1 && (node.outputs.back().empty() || !read.contains(node.outputs.back()))) {
      node.outputs.pop_back();
    }
  }
}

}  // namespace

void upgrade_to_opset_13(Graph& graph, std::int64_t version) {
  drop_unread_outputs(graph);
  split_variadic(graph);
  for (Node& node : graph.nodes) {
    if (node.op == "Clip") upgrade_clip(graph, node, version);
    if (node.op == "Dropout") upgrade_dropout(graph, node, version);
    if (node.op == "Pow") make_exponent_float(graph, node);
    if (node.op == "AveragePool") drop_dense_dilations(node);
    if (node.op == "Slice") upgrade_slice(graph, node, version);
    if (node.op == "Pad") upgrade_pad(graph, node, version);
    if (node.op == "Resize" || node.op == "Upsample") upgrade_resize(graph, node, version);
    if ((node.op == "Softmax" || node.op == "LogSoftmax") && version < 13)
      node.attributes.emplace("axis", std::int64_t{1});
    if (node.op == "LayerNormalization" || node.op == "GroupNormalization") drop_precision(node);
    if (node.op == "BatchNormalization") {
      if (node.attribute("training_mode", std::int64_t{0}) != 0) {
        unsupported(node, "training_mode 1 is not supported: export in eval() mode");
      }
      node.attributes.erase("training_mode");
      drop_attribute(node, "spatial", 1);
    }
  }
}

}  // namespace einet::graph
