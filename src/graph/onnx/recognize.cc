// Exporters for older opsets decompose operators that those opsets lack:
//
//     Gelu                 x * 0.5 * (1 + Erf(x / sqrt(2))), or with Tanh of a polynomial
//     Mish                 x * Tanh(Softplus(x))
//     Swish                x * Sigmoid(x), or x * Sigmoid(x * number)
//     HardSwish            x * HardSigmoid(x), or the factors x, Clip(x + 3, 0, 6) and 1/6 in any order
//     HardSigmoid          Clip(x + 3, 0, 6) / 6
//     LayerNormalization   d = x - ReduceMean(x), d / Sqrt(ReduceMean(d^2) + epsilon) * scale + bias
//     GroupNormalization   Reshape, InstanceNormalization, Reshape, * scale, + bias
//
// Each pattern is matched starting from a node that occurs in it once. The last node of a match is replaced by the
// operator; the others are removed if nothing else reads them.

#include "graph/onnx/recognize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "graph/onnx/fold.h"
#include "graph/selection.h"
#include "graph/shape_inference.h"

namespace einet::graph {
namespace {

class Recognition {
 public:
  // Batches of 2, so that no dimension of size 1 is mistaken for the batch.
  explicit Recognition(Graph& graph) : graph_(graph), shapes_(infer_shapes(graph, 2)), producers_(producers(graph)) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      for (const std::string& input : graph.nodes[i].inputs) readers_[input].push_back(static_cast<int>(i));
    }
  }

  void run() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const Node& node = graph_.nodes[i];
      if (node.op == "Erf" || node.op == "Tanh") gelu(node);
      if (node.op == "Softplus") mish(node);
      if (node.op == "Sigmoid") swish(node);
      if (node.op == "HardSigmoid") hard_swish(node);
      if (node.op == "Clip") hard_gate(node);
      if (node.op == "Div") layer_normalization(node);
      if (node.op == "InstanceNormalization") group_normalization(node);
    }
    remove_dead_nodes(graph_);
    remove_unread_initializers(graph_);
  }

 private:
  const Node* producer(const std::string& value) const {
    const auto found = producers_.find(value);
    return found == producers_.end() ? nullptr : &graph_.nodes[static_cast<std::size_t>(found->second)];
  }

  const Node* producer(const std::string& value, std::string_view op) const {
    const Node* node = producer(value);
    return node != nullptr && node->op == op ? node : nullptr;
  }

  // The only node that reads `value`; nullptr if there are others or it is an output.
  const Node* reader(const std::string& value) const {
    const auto found = readers_.find(value);
    if (found == readers_.end() || found->second.size() != 1) return nullptr;
    if (std::ranges::find(graph_.outputs, value) != graph_.outputs.end()) return nullptr;
    return &graph_.nodes[static_cast<std::size_t>(found->second.front())];
  }

  const Node* reader(const std::string& value, std::string_view op) const {
    const Node* node = reader(value);
    return node != nullptr && node->op == op ? node : nullptr;
  }

  std::optional<float> scalar(const std::string& value) const {
    const Tensor* tensor = graph_.constant(value);
    if (tensor == nullptr || !tensor->is_float() || tensor->floats().size() != 1) return std::nullopt;
    return tensor->floats().front();
  }

  // Exporters write constants with four digits or more.
  bool is_scalar(const std::string& value, float wanted) const {
    const std::optional<float> number = scalar(value);
    return number && std::abs(*number - wanted) <= 1e-4f * std::abs(wanted);
  }

  // The other input of a commutative node if one is a scalar near `wanted`; empty otherwise.
  std::string beside_scalar(const Node* node, std::string_view op, float wanted) const {
    if (node == nullptr || node->op != op) return "";
    for (const std::size_t i : {0, 1}) {
      if (is_scalar(node->inputs[i], wanted)) return node->inputs[1 - i];
    }
    return "";
  }

  static const std::string& other(const Node& node, const std::string& value) {
    return node.inputs[node.inputs[0] == value ? 1 : 0];
  }

  // Whether `value` is x to the third power.
  bool is_cube(const std::string& value, const std::string& x) const {
    if (const Node* power = producer(value, "Pow")) return power->inputs[0] == x && is_scalar(power->inputs[1], 3.0f);
    const Node* product = producer(value, "Mul");
    if (product == nullptr) return false;
    const Node* square = producer(other(*product, x), "Mul");
    return square != nullptr && square->inputs == std::vector<std::string>{x, x};
  }

  // x, if `value` is sqrt(2 / pi) * (x + 0.044715 * x^3).
  std::string polynomial_argument(const std::string& value) const {
    const Node* sum = producer(beside_scalar(producer(value), "Mul", 0.79788456f), "Add");
    if (sum == nullptr) return "";
    for (const std::size_t i : {0, 1}) {
      const std::string cube = beside_scalar(producer(sum->inputs[1 - i]), "Mul", 0.044715f);
      if (!cube.empty() && is_cube(cube, sum->inputs[i])) return sum->inputs[i];
    }
    return "";
  }

  std::string erf_argument(const std::string& value) const {
    const Node* division = producer(value, "Div");
    if (division != nullptr && is_scalar(division->inputs[1], 1.41421356f)) return division->inputs[0];
    return beside_scalar(producer(value), "Mul", 0.70710678f);
  }

  void gelu(const Node& function) {
    const bool with_tanh = function.op == "Tanh";
    const std::string& argument = function.inputs.front();
    const std::string x = with_tanh ? polynomial_argument(argument) : erf_argument(argument);
    if (x.empty()) return;
    const Node* last = reader(function.outputs.front());
    if (beside_scalar(last, "Add", 1.0f).empty()) return;
    // The factors x and 0.5, in any order and grouping.
    float factor = 1.0f;
    bool has_x = false;
    while (!has_x || std::abs(factor - 0.5f) > 1e-4f) {
      const std::string value = last->outputs.front();
      last = reader(value, "Mul");
      if (last == nullptr) return;
      const std::string& next = other(*last, value);
      const Node* product = producer(next, "Mul");
      if (next == x && !has_x) {
        has_x = true;
      } else if (const auto number = scalar(next)) {
        factor *= *number;
      } else if (product != nullptr && !has_x && other(*product, x) != next &&
                 std::ranges::count(product->inputs, x) == 1 && scalar(other(*product, x))) {
        has_x = true;
        factor *= *scalar(other(*product, x));
      } else {
        return;
      }
    }
    replace(*last, "Gelu", {x}, {{"approximate", std::string(with_tanh ? "tanh" : "none")}});
  }

  void mish(const Node& softplus) {
    const Node* tanh = reader(softplus.outputs.front(), "Tanh");
    const Node* product = tanh == nullptr ? nullptr : reader(tanh->outputs.front(), "Mul");
    if (product == nullptr || other(*product, tanh->outputs.front()) != softplus.inputs.front()) return;
    replace(*product, "Mish", {softplus.inputs.front()}, {});
  }

  // The node that only multiplies `gate` by `x`, or nullptr.
  const Node* product_with(const std::string& gate, const std::string& x) const {
    const Node* product = reader(gate, "Mul");
    return product != nullptr && other(*product, gate) == x ? product : nullptr;
  }

  void swish(const Node& sigmoid) {
    const std::string& argument = sigmoid.inputs.front();
    if (const Node* product = product_with(sigmoid.outputs.front(), argument)) {
      return replace(*product, "Swish", {argument}, {{"alpha", 1.0f}});
    }
    const Node* scaled = producer(argument, "Mul");
    for (const std::size_t i : {0, 1}) {
      const auto factor = scaled == nullptr ? std::nullopt : scalar(scaled->inputs[i]);
      if (!factor) continue;
      const std::string x = scaled->inputs[1 - i];
      if (const Node* product = product_with(sigmoid.outputs.front(), x)) {
        return replace(*product, "Swish", {x}, {{"alpha", *factor}});
      }
    }
  }

  void hard_swish(const Node& gate) {
    if (std::abs(gate.attribute("alpha", 0.2f) - 1.0f / 6.0f) > 1e-4f || gate.attribute("beta", 0.5f) != 0.5f) return;
    const std::string x = gate.inputs.front();
    if (const Node* product = product_with(gate.outputs.front(), x)) replace(*product, "HardSwish", {x}, {});
  }

  // The node that only divides `value` by 6, or nullptr.
  const Node* sixth_of(const std::string& value) const {
    const Node* last = reader(value);
    if (last == nullptr) return nullptr;
    if (last->op == "Div" && last->inputs[0] == value && is_scalar(last->inputs[1], 6.0f)) return last;
    return beside_scalar(last, "Mul", 1.0f / 6.0f) == value ? last : nullptr;
  }

  void hard_gate(const Node& clip) {
    if (clip.inputs.size() < 3 || scalar(clip.inputs[1]) != 0.0f || scalar(clip.inputs[2]) != 6.0f) return;
    const std::string x = beside_scalar(producer(clip.inputs.front()), "Add", 3.0f);
    if (x.empty()) return;
    if (const Node* product = product_with(clip.outputs.front(), x)) {
      const Node* sixth = sixth_of(product->outputs.front());
      if (sixth != nullptr) replace(*sixth, "HardSwish", {x}, {});
      return;
    }
    const Node* gate = sixth_of(clip.outputs.front());
    if (gate == nullptr) return;
    if (const Node* product = product_with(gate->outputs.front(), x)) return replace(*product, "HardSwish", {x}, {});
    replace(*gate, "HardSigmoid", {x}, {{"alpha", 1.0f / 6.0f}, {"beta", 0.5f}});
  }

  // The first of the last dimensions over which `node` computes the mean, keeping them with size 1.
  std::optional<std::size_t> mean_from(const Node* node, const std::string& of) const {
    if (node == nullptr || node->op != "ReduceMean" || node->inputs.front() != of) return std::nullopt;
    const std::size_t rank = shapes_.at(of).size();
    const std::vector<std::size_t> axes = reduced_axes(*node, rank);
    if (node->attribute("keepdims", std::int64_t{1}) == 0 || axes.empty() || axes.back() + 1 != rank) {
      return std::nullopt;
    }
    return axes.size() == rank - axes.front() ? std::optional(axes.front()) : std::nullopt;
  }

  bool is_square(const Node* node, const std::string& of) const {
    if (node == nullptr || node->inputs.front() != of) return false;
    return (node->op == "Pow" && is_scalar(node->inputs[1], 2.0f)) || (node->op == "Mul" && node->inputs[1] == of);
  }

  void layer_normalization(const Node& division) {
    const std::string& centred = division.inputs[0];
    const Node *difference = producer(centred, "Sub"), *root = producer(division.inputs[1], "Sqrt");
    const Node* sum = root == nullptr ? nullptr : producer(root->inputs.front(), "Add");
    if (difference == nullptr || sum == nullptr) return;
    const std::size_t constant = scalar(sum->inputs[0]) ? 0 : 1;
    const std::optional<float> epsilon = scalar(sum->inputs[constant]);
    const Node* variance = producer(sum->inputs[1 - constant], "ReduceMean");
    if (!epsilon || variance == nullptr || !is_square(producer(variance->inputs.front()), centred)) return;
    const std::string x = difference->inputs[0];
    const auto axis = mean_from(producer(difference->inputs[1]), x);
    if (!axis || mean_from(variance, variance->inputs.front()) != axis) return;

    const Shape& shape = shapes_.at(x);
    const Shape normalized(shape.begin() + static_cast<std::ptrdiff_t>(*axis), shape.end());
    const auto parameter = [&](const Node* node) -> std::string {
      if (node == nullptr) return "";
      for (const std::string& input : node->inputs) {
        const Tensor* tensor = graph_.constant(input);
        if (tensor != nullptr && tensor->is_float() && tensor->shape == normalized) return input;
      }
      return "";
    };
    const Node* last = &division;
    std::string scale = parameter(reader(last->outputs.front(), "Mul"));
    if (!scale.empty()) last = reader(last->outputs.front());
    const std::string bias = parameter(reader(last->outputs.front(), "Add"));
    if (!bias.empty()) last = reader(last->outputs.front());
    if (scale.empty()) {
      const auto count = static_cast<std::size_t>(element_count(normalized));
      scale = add_constant(*last, "scale", Tensor(normalized, std::vector<float>(count, 1.0f)));
    }
    std::vector<std::string> inputs = {x, scale};
    if (!bias.empty()) inputs.push_back(bias);
    replace(*last, "LayerNormalization", std::move(inputs),
            {{"axis", static_cast<std::int64_t>(*axis)}, {"epsilon", *epsilon}});
  }

  // The floats of a constant with one element for each channel of `x`, or nullptr.
  const std::vector<float>* per_channel(const std::string& value, const Shape& x) const {
    const Tensor* tensor = graph_.constant(value);
    if (tensor == nullptr || !tensor->is_float()) return nullptr;
    Shape shape = tensor->shape;
    if (shape.size() == x.size() && shape.front() == 1) shape.erase(shape.begin());
    Shape wanted(x.size() - 1, 1);
    wanted.front() = x[1];
    return shape == wanted ? &tensor->floats() : nullptr;
  }

  void group_normalization(const Node& instance) {
    const Node* before = producer(instance.inputs[0], "Reshape");
    const Node* last = reader(instance.outputs.front(), "Reshape");
    if (before == nullptr || last == nullptr) return;
    const std::string x = before->inputs.front();
    const Shape &shape = shapes_.at(x), &grouped = shapes_.at(instance.inputs[0]);
    const Tensor *factors = graph_.constant(instance.inputs[1]), *summands = graph_.constant(instance.inputs[2]);
    if (shapes_.at(last->outputs.front()) != shape || shape.size() < 3 || shape[0] != grouped[0]) return;
    if (factors == nullptr || summands == nullptr || !factors->is_float() || !summands->is_float()) return;
    const std::int64_t groups = grouped[1];
    if (shape[1] % groups != 0) return;

    std::vector<float> scale, bias;
    for (std::int64_t c = 0; c < shape[1]; ++c) {
      const auto group = static_cast<std::size_t>(c / (shape[1] / groups));
      scale.push_back(factors->floats()[group]);
      bias.push_back(summands->floats()[group]);
    }
    for (const char* op : {"Mul", "Add"}) {
      const Node* next = reader(last->outputs.front(), op);
      const std::vector<float>* values =
          next == nullptr ? nullptr : per_channel(other(*next, last->outputs.front()), shape);
      if (values == nullptr) continue;
      for (std::size_t c = 0; c < scale.size(); ++c) {
        if (next->op == "Mul") {
          scale[c] *= (*values)[c];
          bias[c] *= (*values)[c];
        } else {
          bias[c] += (*values)[c];
        }
      }
      last = next;
    }
    const std::string scale_name = add_constant(*last, "scale", Tensor({shape[1]}, std::move(scale)));
    const std::string bias_name = add_constant(*last, "bias", Tensor({shape[1]}, std::move(bias)));
    replace(*last, "GroupNormalization", {x, scale_name, bias_name},
            {{"num_groups", groups}, {"epsilon", instance.attribute("epsilon", 1e-5f)}});
  }

  std::string add_constant(const Node& node, const std::string& key, Tensor value) {
    std::string name = node.name + "." + key;
    while (graph_.initializers.contains(name) || shapes_.contains(name)) name += "_";
    graph_.initializers.emplace(name, std::move(value));
    return name;
  }

  void replace(const Node& node, const std::string& op, std::vector<std::string> inputs,
               std::map<std::string, Attribute> attributes) {
    Node& last = graph_.nodes[static_cast<std::size_t>(producers_.at(node.outputs.front()))];
    last.op = op;
    last.inputs = std::move(inputs);
    last.attributes = std::move(attributes);
  }

  Graph& graph_;
  Shapes shapes_;
  std::unordered_map<std::string, int> producers_;
  std::unordered_map<std::string, std::vector<int>> readers_;
};

}  // namespace

void recognize(Graph& graph) { Recognition(graph).run(); }

}  // namespace einet::graph
