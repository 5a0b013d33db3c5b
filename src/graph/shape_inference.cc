#include "graph/shape_inference.h"

#include <algorithm>
#include <array>

#include "graph/faults.h"
#include "graph/operators/operator.h"

namespace einet::graph {
namespace {

const std::array kFamilies = {&convolution_operators,   &pooling_operators,    &matrix_operators,
                              &normalization_operators, &activation_operators, &arithmetic_operators,
                              &arrangement_operators,   &selection_operators,  &reduction_operators};

// 4 GiB of floats: more than any value of a network for small devices, but small enough that no arithmetic on it
// overflows.
constexpr std::int64_t kMostElements = std::int64_t{1} << 30;

}  // namespace

void check_result(const Node& node, const Shape& shape) {
  std::int64_t elements = 1;
  for (const std::int64_t size : shape) {
    if (size < 1 || size > kMostElements / elements) {
      invalid(node, "its result " + to_string(shape) + " is empty or too large");
    }
    elements *= size;
  }
}

void Application::invalid(const std::string& why) const { graph::invalid(node, why); }
void Application::unsupported(const std::string& why) const { graph::unsupported(node, why); }

const Operator* find_operator(std::string_view name) {
  for (const auto& family : kFamilies) {
    for (const Operator& candidate : family()) {
      if (candidate.name == name) return &candidate;
    }
  }
  return nullptr;
}

Shape infer_node(const Graph& graph, const Node& node, const std::function<Shape(const std::string&)>& shape_of) {
  Application application{graph, node, {}};
  for (const std::string& value : node.inputs) {
    if (value.empty()) {
      application.shapes.emplace_back();
    } else if (const Tensor* constant = graph.constant(value)) {
      application.shapes.emplace_back(constant->shape);
    } else {
      application.shapes.emplace_back(shape_of(value));
    }
  }
  const Operator* rule = find_operator(node.op);
  if (rule == nullptr) application.unsupported("this operator is not supported");
  if (node.inputs.size() < rule->least_inputs || node.inputs.size() > rule->most_inputs) {
    application.invalid("has " + std::to_string(node.inputs.size()) + " inputs");
  }
  for (std::size_t i = 0; i < rule->least_inputs; ++i) {
    if (!application.has(i)) application.invalid("has no input " + std::to_string(i + 1));
  }
  for (const auto& [key, value] : node.attributes) {
    if (std::find(rule->attributes.begin(), rule->attributes.end(), key) == rule->attributes.end()) {
      application.unsupported("the attribute '" + key + "' is not supported");
    }
  }
  if (node.outputs.size() > 1) application.unsupported("more than one output is not supported");
  return rule->infer(application);
}

Shapes infer_shapes(const Graph& graph, std::int64_t batch) {
  Shapes shapes;
  for (const auto& [name, tensor] : graph.initializers) shapes[name] = tensor.shape;
  for (const Input& input : graph.inputs) {
    Shape shape = input.shape;
    if (!shape.empty() && shape.front() == -1) shape.front() = batch;
    shapes[input.name] = std::move(shape);
  }
  for (const Node& node : graph.nodes) {
    Shape shape = infer_node(graph, node, [&](const std::string& value) {
      const auto found = shapes.find(value);
      if (found != shapes.end()) return found->second;
      invalid(node, "reads '" + value + "', which nothing before it produces");
    });
    check_result(node, shape);
    shapes[node.outputs.front()] = std::move(shape);
  }
  return shapes;
}

const std::vector<std::string>& supported_operators() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& family : kFamilies) {
      for (const Operator& known : family()) all.emplace_back(known.name);
    }
    std::sort(all.begin(), all.end());
    return all;
  }();
  return names;
}

}  // namespace einet::graph
