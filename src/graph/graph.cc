#include "graph/graph.h"

#include <queue>
#include <unordered_set>

#include "graph/faults.h"

namespace einet::graph {
namespace {

void check_input(const Input& input) {
  if (input.name.empty()) invalid("graph input", "has no name");
  if (input.shape.empty()) invalid("input '" + input.name + "'", "has no batch dimension");
  for (std::size_t i = 0; i < input.shape.size(); ++i) {
    if (input.shape[i] > 0 || (i == 0 && input.shape[i] == -1)) continue;
    invalid("input '" + input.name + "'", "has the shape " + to_string(input.shape));
  }
}

void check_initializer(const std::string& name, const Tensor& tensor) {
  const std::size_t size = std::visit([](const auto& values) { return values.size(); }, tensor.data);
  if (element_count(tensor.shape) != static_cast<std::int64_t>(size)) {
    invalid("initializer '" + name + "'",
            "has the shape " + to_string(tensor.shape) + " but " + std::to_string(size) + " values");
  }
}

}  // namespace

const Tensor* Graph::constant(std::string_view value) const {
  const auto found = initializers.find(std::string(value));
  return found == initializers.end() ? nullptr : &found->second;
}

void Graph::validate() const {
  std::unordered_set<std::string_view> known;
  std::unordered_set<std::string_view> computed;
  std::unordered_set<std::string_view> node_names;

  if (inputs.empty()) invalid("graph '" + name + "'", "has no input");
  for (const Input& input : inputs) {
    check_input(input);
    if (!known.insert(input.name).second) invalid("input '" + input.name + "'", "is declared twice");
  }
  for (const auto& [value, tensor] : initializers) {
    check_initializer(value, tensor);
    if (!known.insert(value).second) invalid("value '" + value + "'", "is both an input and an initializer");
  }
  for (const Node& node : nodes) {
    if (!node_names.insert(node.name).second) invalid(node, "shares its name with another node");
    for (const std::string& value : node.inputs) {
      if (!value.empty() && !known.contains(value)) {
        invalid(node, "reads '" + value + "', which nothing before it produces");
      }
    }
    if (node.outputs.empty() || node.outputs.front().empty()) invalid(node, "has no output");
    for (const std::string& value : node.outputs) {
      if (value.empty()) continue;
      if (!known.insert(value).second) invalid(node, "produces '" + value + "', which exists already");
      computed.insert(value);
    }
  }
  if (outputs.empty()) invalid("graph '" + name + "'", "has no output");
  std::unordered_set<std::string_view> declared;
  for (const std::string& output : outputs) {
    if (!computed.contains(output)) invalid("output '" + output + "'", "is produced by no node");
    if (!declared.insert(output).second) invalid("output '" + output + "'", "is declared twice");
  }
}

std::unordered_map<std::string, int> producers(const Graph& graph) {
  std::unordered_map<std::string, int> result;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string& value : graph.nodes[i].outputs) {
      if (!value.empty()) result.emplace(value, static_cast<int>(i));
    }
  }
  return result;
}

// Kahn's algorithm. Among the nodes that are ready, the first in the file is taken, so that a sorted graph does not
// change.
void sort_topologically(Graph& graph) {
  const auto produced_by = producers(graph);
  std::unordered_set<std::string_view> given;
  for (const Input& input : graph.inputs) given.insert(input.name);
  for (const auto& [value, tensor] : graph.initializers) given.insert(value);

  const int count = static_cast<int>(graph.nodes.size());
  std::vector<int> missing(count, 0);
  std::vector<std::vector<int>> consumers(count);
  for (int i = 0; i < count; ++i) {
    for (const std::string& value : graph.nodes[i].inputs) {
      if (value.empty() || given.contains(value)) continue;
      const auto producer = produced_by.find(value);
      if (producer == produced_by.end()) {
        invalid(graph.nodes[i], "reads '" + value + "', which nothing produces");
      }
      consumers[producer->second].push_back(i);
      ++missing[i];
    }
  }

  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (int i = 0; i < count; ++i) {
    if (missing[i] == 0) ready.push(i);
  }
  std::vector<int> order;
  while (!ready.empty()) {
    const int node = ready.top();
    ready.pop();
    order.push_back(node);
    for (const int consumer : consumers[node]) {
      if (--missing[consumer] == 0) ready.push(consumer);
    }
  }
  if (static_cast<int>(order.size()) < count) {
    int stuck = 0;
    while (missing[stuck] == 0) ++stuck;
    invalid(graph.nodes[stuck], "is part of a cycle, or depends on one");
  }

  std::vector<Node> sorted;
  sorted.reserve(order.size());
  for (const int node : order) sorted.push_back(std::move(graph.nodes[node]));
  graph.nodes = std::move(sorted);
}

}  // namespace einet::graph
