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
  SpellingOut(const Graph& graph, const Shapes& shapes) : graph_(graph), shapes_(shapes) {
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
      } else if (node.op == "Swish") {
        swish(node);
      } else if (node.op == "GroupNormalization") {
        group_normalization(node);
      } else {
        graph_.nodes.push_back(std::move(node));
      }
    }
    return std::move(graph_);
  }

 private:
  // Adds one of the nodes that replace `whole`; returns its value.
  std::string add(const Node& whole, const std::string& op, std::vector<std::string> inputs) {
    std::string value = unique_name(whole.name + "." + op, values_);
    graph_.nodes.push_back({op, unique_name(value, names_), std::move(inputs), {value}, {}});
    return value;
  }

  std::string constant(const Node& whole, const std::string& key, Tensor value) {
    std::string name = unique_name(whole.name + "." + key, values_);
    graph_.initializers.emplace(name, std::move(value));
    return name;
  }

  std::string number(const Node& whole, double value) {
    return constant(whole, "number", Tensor({}, std::vector<float>{static_cast<float>(value)}));
  }

  std::string sizes(const Node& whole, const Shape& shape) {
    return constant(whole, "sizes", Tensor({static_cast<std::int64_t>(shape.size())}, shape));
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

  void swish(const Node& node) {
    const std::string& x = node.inputs[0];
    const float alpha = node.attribute("alpha", 1.0f);
    const std::string argument = alpha == 1.0f ? x : add(node, "Mul", {x, number(node, alpha)});
    last(node, "Mul", {x, add(node, "Sigmoid", {argument})});
  }

  // Instances are groups, so the scale and bias of InstanceNormalization would be per group; they are set to 1 and 0.
  void group_normalization(const Node& node) {
    const Shape& x = shapes_.at(node.inputs[0]);
    const std::int64_t groups = node.attribute("num_groups", std::int64_t{1});
    const auto count = static_cast<std::size_t>(groups);
    Shape back(x.begin(), x.end()), channels(x.size() - 1, 1);
    back.front() = 0;  // Keeps the batch.
    channels.front() = x[1];
    const std::string grouped = add(node, "Reshape", {node.inputs[0], sizes(node, {0, groups, -1})});
    const std::string ones = constant(node, "ones", Tensor({groups}, std::vector<float>(count, 1.0f)));
    const std::string zeros = constant(node, "zeros", Tensor({groups}, std::vector<float>(count, 0.0f)));
    const std::string normalized = add(node, "InstanceNormalization", {grouped, ones, zeros});
    graph_.nodes.back().attributes["epsilon"] = node.attribute("epsilon", 1e-5f);
    const std::string whole = add(node, "Reshape", {normalized, sizes(node, back)});
    const auto parameter = [&](std::size_t i, const char* key) {
      const Tensor* given = graph_.constant(node.inputs[i]);
      if (given == nullptr) return add(node, "Reshape", {node.inputs[i], sizes(node, channels)});
      return constant(node, key, Tensor(channels, given->floats()));
    };
    const std::string scaled = add(node, "Mul", {whole, parameter(1, "factors")});
    last(node, "Add", {scaled, parameter(2, "summands")});
  }

  Graph graph_;
  const Shapes& shapes_;
  std::unordered_set<std::string> values_, names_;
};

}  // namespace

Graph spelled_out(const Graph& graph, const Shapes& shapes) { return SpellingOut(graph, shapes).run(); }

}  // namespace einet::graph
