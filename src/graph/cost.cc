#include "graph/cost.h"

#include <algorithm>
#include <unordered_set>

#include "einet/error.h"
#include "graph/faults.h"

namespace einet::graph {
namespace {

std::int64_t product(const Node& node, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) invalid(node, "is too large");
  return result;
}

/// Whether a constant that is input number `position` is trainable; `behind`: after a layer with weights.
bool is_trained(const Node& node, std::size_t position, const Tensor& constant, bool behind) {
  const std::string& op = node.op;
  if (op == "MatMul") return true;
  if (op == "Add") return !constant.shape.empty();
  if (op == "Mul") return behind && element_count(constant.shape) > 1;
  if (op == "Conv" || op == "ConvTranspose" || op == "Gemm") return position >= 1;
  if (op.ends_with("Normalization")) return position == 1 || position == 2;
  return op == "PRelu" && position == 1;
}

}  // namespace

std::int64_t macs(const Node& node, const Shapes& shapes) {
  if (node.op == "ConvTranspose") {
    const Shape& weight = shapes.at(node.inputs[1]);
    const std::int64_t values = element_count(shapes.at(node.inputs[0]));
    return product(node, values, element_count(Shape(weight.begin() + 1, weight.end())));
  }
  if (node.op != "Conv" && node.op != "Gemm" && node.op != "MatMul") return 0;
  const std::int64_t results = element_count(shapes.at(node.outputs.front()));
  if (node.op == "Conv") {
    const Shape& weight = shapes.at(node.inputs[1]);
    return product(node, results, element_count(Shape(weight.begin() + 1, weight.end())));
  }
  const Shape& a = shapes.at(node.inputs.front());
  const bool transposed = node.op == "Gemm" && node.attribute("transA", std::int64_t{0}) != 0;
  return product(node, results, transposed ? a.front() : a.back());
}

std::unordered_set<std::string> trainable_weights(const Graph& graph) {
  std::unordered_set<std::string> trained, weighted;  // `weighted`: values that depend on a layer with weights.
  for (const Node& node : graph.nodes) {
    const bool layer = node.op == "Conv" || node.op == "ConvTranspose" || node.op == "Gemm" || node.op == "MatMul";
    const bool behind = std::ranges::any_of(node.inputs, [&](const auto& value) { return weighted.contains(value); });
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const Tensor* constant = graph.constant(node.inputs[i]);
      if (constant != nullptr && constant->is_float() && is_trained(node, i, *constant, behind)) {
        trained.insert(node.inputs[i]);
      }
    }
    if (layer || behind) weighted.insert(node.outputs.begin(), node.outputs.end());
  }
  return trained;
}

std::vector<BlockCost> block_costs(const Graph& graph, const std::vector<Block>& blocks) {
  const Shapes shapes = infer_shapes(graph, 1);
  const std::unordered_set<std::string> trained = trainable_weights(graph);
  std::unordered_set<std::string> counted;  // A weight shared by several nodes counts where it is first needed.
  const auto add = [&](const std::vector<int>& nodes, std::int64_t& total_macs, std::int64_t& parameters) {
    for (const int index : nodes) {
      const Node& node = graph.nodes[index];
      total_macs += macs(node, shapes);
      for (const std::string& input : node.inputs) {
        if (!trained.contains(input) || !counted.insert(input).second) continue;
        parameters += element_count(graph.constant(input)->shape);
      }
    }
  };
  std::vector<BlockCost> costs(blocks.size());
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    add(blocks[i].conv_part, costs[i].conv_macs, costs[i].conv_parameters);
    add(blocks[i].branch, costs[i].branch_macs, costs[i].branch_parameters);
  }
  return costs;
}

std::int64_t total_parameters(const std::vector<BlockCost>& costs) {
  std::int64_t total = 0;
  for (const BlockCost& cost : costs) total += cost.conv_parameters + cost.branch_parameters;
  return total;
}

std::int64_t macs_as_built(const Graph& graph, const std::string& output) {
  const Shapes shapes = infer_shapes(graph, 1);
  std::int64_t total = 0;
  for (const Node& node : graph.nodes) {
    total += macs(node, shapes);
    if (node.outputs.front() == output) return total;
  }
  throw Error(ErrorKind::kNotFound, "output '" + output + "'", "is produced by no node");
}

}  // namespace einet::graph
