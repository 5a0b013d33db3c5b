// Where the paths of a network meet: the nodes that dominate its output.
//
// In topological order, a node is such a point exactly if no edge passes over it: its ancestors precede it, its
// descendants follow it, and a node that is neither would have an edge passing over it. A single sweep that tracks the
// farthest consumer of all values so far finds them. In a chain, every node is one; in a residual unit x -> conv ->
// conv -> add(x), only the addition is, since the edge of x passes over the convolutions. A unit is therefore found as
// one piece without a definition of units.
//
// Dense blocks need a special case. Exporters write the input of layer l as concat(x0, ..., xl), a new node for every
// l, so the edges of x0 pass over everything. But concat(x0, ..., xl) is concat(concat(x0, ..., xl-1), xl): if the
// inputs of an earlier concatenation are a prefix of a later one's, the later one is treated as reading the earlier
// one's result. Then each concatenation is a meeting point and each dense layer is one piece.

#include "graph/insertion/meeting_points.h"

#include <algorithm>
#include <map>

#include "graph/ancestors.h"

namespace einet::graph {
namespace {

using Values = std::vector<std::string>;

/// The values that a node reads, with concatenations nested.
std::vector<Values> nested_inputs(const Graph& graph) {
  std::map<std::pair<std::int64_t, Values>, std::string> concatenated;
  std::vector<Values> all;
  for (const Node& node : graph.nodes) {
    Values inputs = node.inputs;
    if (node.op == "Concat") {
      const std::int64_t axis = node.attribute("axis", std::int64_t{1});
      for (std::size_t length = node.inputs.size(); length > 0; --length) {
        const auto begin = node.inputs.begin();
        const auto end = begin + static_cast<std::ptrdiff_t>(length);
        const auto earlier = concatenated.find({axis, Values(begin, end)});
        if (earlier == concatenated.end()) continue;
        inputs.assign(end, node.inputs.end());
        inputs.insert(inputs.begin(), earlier->second);
        break;
      }
      concatenated.emplace(std::pair(axis, node.inputs), node.outputs.front());
    }
    all.push_back(std::move(inputs));
  }
  return all;
}

}  // namespace

std::vector<char> on_the_way(const Graph& graph, const std::string& output) {
  const auto produced_by = producers(graph);
  const std::size_t count = graph.nodes.size();
  std::vector<char> from_input(count, 0);
  const auto any_input = [&](std::size_t node, auto test) {
    return std::ranges::any_of(graph.nodes[node].inputs, test);
  };
  for (std::size_t i = 0; i < count; ++i) {
    from_input[i] = any_input(i, [&](const std::string& value) {
      const auto producer = produced_by.find(value);
      return producer == produced_by.end() ? value == graph.inputs.front().name : from_input[producer->second] != 0;
    });
  }
  const std::vector<char> to_output = ancestors(graph, produced_by, output);
  for (std::size_t i = 0; i < count; ++i) from_input[i] = from_input[i] != 0 && to_output[i] != 0;
  return from_input;
}

std::vector<int> meeting_points(const Graph& graph, const std::string& output) {
  const std::vector<char> counts = on_the_way(graph, output);
  const std::vector<Values> inputs = nested_inputs(graph);
  std::map<std::string, int> last_use;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (counts[i] == 0) continue;
    for (const std::string& value : inputs[i]) last_use[value] = static_cast<int>(i);
  }
  std::vector<int> points;
  int farthest = last_use[graph.inputs.front().name];
  for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
    if (counts[i] == 0) continue;
    if (farthest <= i) points.push_back(i);
    farthest = std::max(farthest, last_use[graph.nodes[i].outputs.front()]);
  }
  return points;
}

}  // namespace einet::graph
