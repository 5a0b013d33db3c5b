#include "graph/onnx/branches.h"

#include <string_view>
#include <unordered_set>

#include "graph/faults.h"

namespace einet::graph {
namespace {

using Names = std::unordered_map<std::string, std::string>;

void rename(const Names& names, std::string& value) {
  if (const auto found = names.find(value); found != names.end()) value = found->second;
}

void rename_all(onnx::GraphProto& graph, const Names& names) {
  for (auto& tensor : *graph.mutable_initializer()) rename(names, *tensor.mutable_name());
  for (auto& output : *graph.mutable_output()) rename(names, *output.mutable_name());
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    for (std::string& value : *node.mutable_input()) rename(names, value);
    for (std::string& value : *node.mutable_output()) rename(names, value);
    for (auto& attribute : *node.mutable_attribute()) {
      if (attribute.type() == onnx::AttributeProto::GRAPH) rename_all(*attribute.mutable_g(), names);
    }
  }
}

void name_branches(onnx::GraphProto& graph, int& count);

void name_branch(onnx::GraphProto& branch, int& count) {
  const std::string prefix = "branch" + std::to_string(++count) + ".";
  Names names;
  for (const auto& tensor : branch.initializer()) names[tensor.name()] = prefix + tensor.name();
  for (const onnx::NodeProto& node : branch.node()) {
    for (const std::string& value : node.output()) {
      if (!value.empty()) names[value] = prefix + value;
    }
  }
  rename_all(branch, names);
  name_branches(branch, count);
}

void name_branches(onnx::GraphProto& graph, int& count) {
  for (onnx::NodeProto& node : *graph.mutable_node()) {
    if (node.op_type() != "If") continue;
    int branches = 0;
    for (auto& attribute : *node.mutable_attribute()) {
      if (attribute.type() != onnx::AttributeProto::GRAPH) continue;
      name_branch(*attribute.mutable_g(), count);
      ++branches;
    }
    if (branches != 2) invalid("node '" + node.name() + "' (If)", "has no second branch");
    branch_of(node, "then_branch");
    branch_of(node, "else_branch");
  }
}

}  // namespace

void name_apart(onnx::GraphProto& graph) {
  int count = 0;
  name_branches(graph, count);
}

const onnx::GraphProto& branch_of(const onnx::NodeProto& node, const char* which) {
  for (const auto& attribute : node.attribute()) {
    if (attribute.name() == which && attribute.type() == onnx::AttributeProto::GRAPH) return attribute.g();
  }
  invalid("node '" + node.name() + "' (If)", "has no " + std::string(which));
}

std::vector<std::string> captured(const Graph& branch) {
  std::unordered_set<std::string_view> known;
  std::vector<std::string> result;
  for (const auto& [name, tensor] : branch.initializers) known.insert(name);
  for (const Node& node : branch.nodes) known.insert(node.outputs.begin(), node.outputs.end());
  const auto read = [&](const std::string& value) {
    if (!value.empty() && known.insert(value).second) result.push_back(value);
  };
  for (const Node& node : branch.nodes) {
    for (const std::string& value : node.inputs) read(value);
  }
  for (const std::string& value : branch.outputs) read(value);
  return result;
}

}  // namespace einet::graph
