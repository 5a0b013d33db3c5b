#include "train/operators.h"

#include "einet/error.h"
#include "train/operators/families.h"
#include "train/selection.h"
#include "train/windows.h"

namespace einet::train {
namespace {

using graph::Graph;
using graph::Node;

[[noreturn]] void unsupported(const Node& node, const std::string& why) {
  throw Error(ErrorKind::kUnsupported, graph::describe(node), why);
}

const Compilers& window_operators() {
  static const Compilers operators = {
      {"AveragePool", average_pool},
      {"Conv", conv},
      {"ConvTranspose", conv_transpose},
      {"MaxPool", max_pool},
  };
  return operators;
}

const Compilers& selection_operators() {
  static const Compilers operators = {
      {"Pad", selection},
      {"Resize", selection},
      {"Slice", selection},
  };
  return operators;
}

const Compilers& all_operators() {
  static const Compilers all = [] {
    Compilers joined;
    for (const auto& family : {activation_operators, arithmetic_operators, arrangement_operators, matrix_operators,
                               normalization_operators, reduction_operators, selection_operators, window_operators}) {
      joined.insert(family().begin(), family().end());
    }
    return joined;
  }();
  return all;
}

}  // namespace

bool has_input(const Node& node, std::size_t i) { return i < node.inputs.size() && !node.inputs[i].empty(); }

const graph::Tensor& constant(const Graph& graph, const Node& node, std::size_t i) {
  const graph::Tensor* constant = has_input(node, i) ? graph.constant(node.inputs[i]) : nullptr;
  if (constant == nullptr) unsupported(node, "its input " + std::to_string(i + 1) + " is not a constant");
  return *constant;
}

float scalar(const Graph& graph, const Node& node, std::size_t i, float otherwise) {
  if (!has_input(node, i)) return otherwise;
  const std::vector<float>& values = constant(graph, node, i).floats();
  if (values.size() != 1) unsupported(node, "'" + node.inputs[i] + "' is not a single number");
  return values.front();
}

std::vector<std::int64_t> dimensions(const std::vector<std::size_t>& axes) { return {axes.begin(), axes.end()}; }

Operation compile(const Graph& graph, const Node& node) {
  const auto found = all_operators().find(node.op);
  if (found == all_operators().end()) unsupported(node, "this operator is not supported by the trainer");
  return found->second(graph, node);
}

}  // namespace einet::train
