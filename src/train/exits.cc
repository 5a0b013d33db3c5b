#include "train/exits.h"

#include "graph/shape_inference.h"

namespace einet::train {
namespace {

using graph::Head;

/// Lower bound of probabilities that may have been rounded to 0 or 1.
constexpr double kLeastProbability = 1e-7;

/// The operator whose result is a head of this kind; its input is the logits.
const char* operator_of(Head head) {
  switch (head) {
    case Head::kSoftmax:
      return "Softmax";
    case Head::kLogSoftmax:
      return "LogSoftmax";
    case Head::kSigmoid:
      return "Sigmoid";
    case Head::kLogits:
      return "";
  }
  return "";
}

}  // namespace

std::vector<ExitReading> read_exits(const graph::Graph& graph) {
  const graph::Shapes shapes = graph::infer_shapes(graph);
  const auto produced_by = graph::producers(graph);
  std::vector<ExitReading> exits;
  for (const std::string& output : graph.outputs) {
    const Head head = graph::find_head(graph, output).head;
    ExitReading exit{.value = output, .of = head, .classes = graph::exit_classes(graph, output, shapes.at(output))};
    exit.independent = head == Head::kSigmoid && graph::element_count(shapes.at(output)) > 1;
    const auto last = produced_by.find(graph::before_passing(graph, output));
    if (last != produced_by.end()) {
      const graph::Node& node = graph.nodes[static_cast<std::size_t>(last->second)];
      if (node.op == operator_of(head)) {
        exit.value = node.inputs.front();
        exit.of = Head::kLogits;
      }
    }
    exits.push_back(std::move(exit));
  }
  return exits;
}

at::Tensor ExitReading::logits(const at::Tensor& value) const {
  at::Tensor rows = value.to(at::kFloat).reshape({value.size(0), -1});
  // Log-probabilities can serve as logits: their softmax is the probabilities.
  if (of == graph::Head::kSoftmax) rows = rows.clamp_min(kLeastProbability).log();
  if (of == graph::Head::kSigmoid) rows = at::logit(rows, kLeastProbability);
  const bool single = rows.size(1) == 1 && classes == 2;
  return single ? at::cat({at::zeros_like(rows), rows}, 1) : rows;
}

}  // namespace einet::train
