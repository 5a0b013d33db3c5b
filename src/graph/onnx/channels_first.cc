#include "graph/onnx/channels_first.h"

#include <algorithm>
#include <unordered_set>

#include "graph/onnx/unique_name.h"

namespace einet::graph {
namespace {

using Ints = std::vector<std::int64_t>;

// Grey, colour, colour with alpha.
bool is_channels(std::int64_t size) { return size == 1 || size == 3 || size == 4; }

bool is_channels_last(const Shape& x) { return x.size() == 4 && is_channels(x[3]) && !is_channels(x[1]); }

bool makes_channels_first(const Node& node, const std::string& input) {
  return node.op == "Transpose" && node.inputs.front() == input && node.attribute("perm", Ints{}) == Ints{0, 3, 1, 2};
}

}  // namespace

bool make_channels_first(Graph& graph) {
  if (graph.inputs.size() != 1 || !is_channels_last(graph.inputs.front().shape)) return false;
  const std::string input = graph.inputs.front().name;
  Shape& shape = graph.inputs.front().shape;
  std::rotate(shape.begin() + 1, shape.begin() + 3, shape.end());

  std::unordered_set<std::string> values = {input}, names;
  for (const auto& [name, tensor] : graph.initializers) values.insert(name);
  for (const Node& node : graph.nodes) {
    values.insert(node.outputs.begin(), node.outputs.end());
    names.insert(node.name);
  }
  // Readers of the network's own Transpose now read the input; all others read the input in its original layout.
  std::unordered_set<std::string> same;
  std::erase_if(graph.nodes, [&](const Node& node) {
    const bool is_output = std::ranges::find(graph.outputs, node.outputs.front()) != graph.outputs.end();
    if (is_output || !makes_channels_first(node, input)) return false;
    same.insert(node.outputs.front());
    return true;
  });
  const std::string last = unique_name(input + ".channels_last", values);
  bool is_read = false;
  for (Node& node : graph.nodes) {
    for (std::string& value : node.inputs) {
      if (value == input) {
        value = last;
        is_read = true;
      } else if (same.contains(value)) {
        value = input;
      }
    }
  }
  if (is_read) {
    graph.nodes.insert(graph.nodes.begin(),
                       {"Transpose", unique_name(last, names), {input}, {last}, {{"perm", Ints{0, 2, 3, 1}}}});
  }
  return true;
}

}  // namespace einet::graph
