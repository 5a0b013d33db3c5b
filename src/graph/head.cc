// A single pass over the nodes, in order, determines for every value the head of an exit there. The cost is therefore
// linear in the number of nodes, whatever the structure of the graph.

#include "graph/head.h"

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>
#include <utility>

#include "graph/faults.h"

namespace einet::graph {
namespace {

constexpr std::array<std::pair<Head, std::string_view>, 4> kNames = {{{Head::kLogits, "logits"},
                                                                      {Head::kSoftmax, "softmax"},
                                                                      {Head::kLogSoftmax, "log-softmax"},
                                                                      {Head::kSigmoid, "sigmoid"}}};

template <std::size_t N>
bool is_one_of(const std::string& op, const std::array<std::string_view, N>& ops) {
  return std::ranges::find(ops, op) != ops.end();
}

constexpr std::array<std::string_view, 9> kPassing = {"Identity",  "Dropout", "Reshape",   "Flatten", "Squeeze",
                                                      "Unsqueeze", "Clip",    "Transpose", "Cast"};
// Whatever they read, their results are not probabilities.
constexpr std::array<std::string_view, 5> kLayers = {"Conv", "Gemm", "MatMul", "BatchNormalization", "LRN"};
constexpr std::array<std::string_view, 7> kArithmetic = {"Add", "Sub", "Mul", "Div", "Sum", "Concat", "Where"};
// Their results may be probabilities even if no operand is.
constexpr std::array<std::string_view, 5> kOpen = {"Exp", "Log", "Pow", "Tanh", "ReduceSum"};

// Empty if the operators do not determine the head; `node` is then the one responsible.
struct Kind {
  std::optional<Head> head = Head::kLogits;
  int node = -1;

  bool logits() const { return head == Head::kLogits; }
};

class Kinds {
 public:
  explicit Kinds(const Graph& graph) : graph_(graph) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const Kind kind = kind_of(graph.nodes[i], static_cast<int>(i));
      for (const std::string& output : graph.nodes[i].outputs) kinds_[output] = kind;
    }
  }

  Kind of(const std::string& value) const {
    const auto found = kinds_.find(value);
    return found != kinds_.end() ? found->second : Kind{};
  }

 private:
  Kind kind_of(const Node& node, int number) const {
    if (node.op == "Softmax") return {Head::kSoftmax};
    if (node.op == "LogSoftmax") return {Head::kLogSoftmax};
    if (node.op == "Sigmoid" || node.op == "HardSigmoid") return {Head::kSigmoid};
    if (is_one_of(node.op, kLayers) || node.inputs.empty()) return {};
    const Kind first = of(node.inputs.front());
    if (is_one_of(node.op, kPassing)) return first;
    if (is_one_of(node.op, kArithmetic)) return of_arithmetic(node, number);
    if (is_one_of(node.op, kOpen) || !first.logits()) return {std::nullopt, number};
    return {};
  }

  Kind of_arithmetic(const Node& node, int number) const {
    const Kind open{std::nullopt, number};
    std::vector<Kind> operands;
    for (const std::string& value : node.inputs) {
      if (graph_.constant(value) == nullptr) operands.push_back(of(value));
    }
    const bool alike =
        std::ranges::all_of(operands, [&](const Kind& operand) { return operand.head == operands.front().head; });
    const bool all_logits = std::ranges::all_of(operands, &Kind::logits);
    if (node.op == "Concat") {
      const bool independent = !operands.empty() && alike && operands.front().head == Head::kSigmoid;
      return all_logits || independent ? operands.empty() ? Kind{} : operands.front() : open;
    }
    // A product with a gate keeps its kind.
    if (node.op == "Mul" && operands.size() == 2 && (operands[0].logits() || operands[1].logits())) return {};
    const bool written_out = (node.op == "Sub" || node.op == "Div") && operands.size() == 2;
    return all_logits && !written_out ? Kind{} : open;
  }

  const Graph& graph_;
  std::unordered_map<std::string, Kind> kinds_;
};

}  // namespace

std::vector<std::string> head_names() {
  std::vector<std::string> names;
  for (const auto& [head, name] : kNames) names.emplace_back(name);
  return names;
}

std::string_view to_string(Head head) { return kNames[static_cast<std::size_t>(head)].second; }

std::optional<Head> parse_head(std::string_view name) {
  for (const auto& [head, known] : kNames) {
    if (known == name) return head;
  }
  return std::nullopt;
}

FoundHead find_head(const Graph& graph, const std::string& output) {
  const Kind kind = Kinds(graph).of(output);
  if (kind.head) return {*kind.head, ""};
  return {graph.head.value_or(Head::kLogits), describe(graph.nodes[static_cast<std::size_t>(kind.node)])};
}

std::string before_passing(const Graph& graph, const std::string& output) {
  const auto produced_by = producers(graph);
  std::string value = output;
  for (auto at = produced_by.find(value); at != produced_by.end(); at = produced_by.find(value)) {
    const Node& node = graph.nodes[static_cast<std::size_t>(at->second)];
    if (!is_one_of(node.op, kPassing)) break;
    value = node.inputs.front();
  }
  return value;
}

std::int64_t class_count(const Shape& output, Head head) {
  if (output.empty()) return 0;
  std::int64_t classes = 1;
  for (std::size_t axis = 1; axis < output.size(); ++axis) {
    const std::int64_t size = output[axis];
    if (size < 1 || (size > 1 && classes > 1)) return 0;
    classes *= size;
  }
  if (classes == 1) return head == Head::kSigmoid ? 2 : 0;
  return classes;
}

const Node* find_l2_normalization(const Graph& graph, const std::string& output) {
  const auto produced_by = producers(graph);
  const auto producer = [&](const std::string& value) -> const Node* {
    const auto found = produced_by.find(value);
    return found == produced_by.end() ? nullptr : &graph.nodes[static_cast<std::size_t>(found->second)];
  };
  const Node* division = producer(before_passing(graph, output));
  if (division == nullptr || division->op != "Div") return nullptr;
  const std::string& x = division->inputs[0];
  // From the divisor back to x, through operators that bound or broadcast it.
  constexpr std::array<std::string_view, 7> kBetween = {"Clip", "Max", "Add", "Expand", "Sqrt", "Pow", "Unsqueeze"};
  const Node* norm = producer(division->inputs[1]);
  while (norm != nullptr && (is_one_of(norm->op, kBetween) || is_one_of(norm->op, kPassing))) {
    norm = producer(norm->inputs[graph.constant(norm->inputs[0]) != nullptr ? 1 : 0]);
  }
  if (norm == nullptr) return nullptr;
  if (norm->op == "ReduceL2" || norm->op == "ReduceSumSquare") return norm->inputs[0] == x ? division : nullptr;
  const Node* square = norm->op == "ReduceSum" ? producer(norm->inputs[0]) : nullptr;
  const bool is_square = square != nullptr && (square->op == "Pow" || square->op == "Mul") && square->inputs[0] == x &&
                         (square->op == "Pow" || square->inputs[1] == x);
  return is_square ? division : nullptr;
}

int exit_classes(const Graph& graph, const std::string& output, const Shape& shape) {
  if (!graph.head) {
    if (const Node* division = find_l2_normalization(graph, output)) {
      invalid("output '" + output + "'",
              "is divided by its L2 norm in " + describe(*division) +
                  ", like an embedding: the network is not a classifier (--head logits if it "
                  "is)");
    }
  }
  const std::int64_t classes = class_count(shape, find_head(graph, output).head);
  if (classes > 0 && classes <= std::numeric_limits<int>::max()) return static_cast<int>(classes);
  invalid(
      "output '" + output + "'",
      "has the shape " + to_string(shape) +
          ": the network is not a classifier, which gives [N,classes] with two or more classes, or a single sigmoid");
}

}  // namespace einet::graph
