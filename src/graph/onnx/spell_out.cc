#include "graph/onnx/spell_out.h"

#include <cmath>
#include <numbers>
#include <unordered_set>
#include <utility>

#include "graph/onnx/unique_name.h"

namespace einet::graph {
namespace {

class SpellingOut {
 public:
  explicit SpellingOut(const Graph& graph) : graph_(graph) {
    for (const Input& input : graph.inputs) values_.insert(input.name);
    for (const auto& [name, tensor] : graph.initializers) values_.insert(name);
    for (const Node& node : graph.nodes) {
      values_.insert(node.outputs.begin(), node.outputs.end());
      names_.insert(node.name);
    }
  }

  Graph run() && {
    std::vector<Node> nodes = std::exchange(graph_.nodes, {});
    for (Node& node : nodes) {
      if (node.op == "Gelu") {
        gelu(node);
      } else if (node.op == "Mish") {
        last(node, "Mul", {node.inputs[0], add(node, "Tanh", {add(node, "Softplus", {node.inputs[0]})})});
      } else {
        graph_.nodes.push_back(std::move(node));
      }
    }
    return std::move(graph_);
  }

 private:
  // Of the parts of `whole`; returns the value.
  std::string add(const Node& whole, const std::string& op, std::vector<std::string> inputs) {
    const std::string value = unique_name(whole.name + "." + op, values_);
    graph_.nodes.push_back({op, unique_name(value, names_), std::move(inputs), {value}, {}});
    return value;
  }

  std::string number(const Node& whole, double value) {
    const std::string name = unique_name(whole.name + ".number", values_);
    graph_.initializers.emplace(name, Tensor({}, std::vector<float>{static_cast<float>(value)}));
    return name;
  }

  void last(const Node& whole, const std::string& op, std::vector<std::string> inputs) {
    graph_.nodes.push_back({op, whole.name, std::move(inputs), whole.outputs, {}});
  }

  // x * 0.5 * (1 + erf(x / sqrt(2))), or 1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))
  void gelu(const Node& node) {
    const std::string& x = node.inputs[0];
    std::string curve;
    if (node.attribute("approximate", "none") == "tanh") {
      const std::string cube = add(node, "Pow", {x, number(node, 3)});
      const std::string sum = add(node, "Add", {x, add(node, "Mul", {cube, number(node, 0.044715)})});
      curve = add(node, "Tanh", {add(node, "Mul", {sum, number(node, std::sqrt(2 / std::numbers::pi))})});
    } else {
      curve = add(node, "Erf", {add(node, "Div", {x, number(node, std::numbers::sqrt2)})});
    }
    const std::string product = add(node, "Mul", {x, add(node, "Add", {curve, number(node, 1)})});
    last(node, "Mul", {product, number(node, 0.5)});
  }

  Graph graph_;
  std::unordered_set<std::string> values_, names_;
};

}  // namespace

Graph spelled_out(const Graph& graph) { return SpellingOut(graph).run(); }

}  // namespace einet::graph
