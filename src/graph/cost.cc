#include "einet/graph/cost.h"

#include <unordered_set>

#include "einet/core/error.h"
#include "faults.h"

namespace einet::graph {
namespace {

std::int64_t product(const Node& node, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  if (__builtin_mul_overflow(a, b, &result)) invalid(node, "is too large");
  return result;
}

}  // namespace

std::int64_t macs(const Node& node, const Shapes& shapes) {
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

std::vector<std::string> trainable_weights(const Graph& graph, const Node& node) {
  std::size_t first = 0;
  std::size_t last = 0;
  if (node.op == "BatchNormalization") {
    first = 1;
    last = 3;
  } else if (node.op == "Conv" || node.op == "Gemm" || node.op == "MatMul" || node.op == "Add" || node.op == "Sub" ||
             node.op == "Mul") {
    last = node.inputs.size();
  }
  std::vector<std::string> weights;
  for (std::size_t i = first; i < last; ++i) {
    const Tensor* weight = graph.constant(node.inputs[i]);
    if (weight != nullptr && weight->is_float()) weights.push_back(node.inputs[i]);
  }
  return weights;
}

std::vector<BlockCost> block_costs(const Graph& graph, const std::vector<Block>& blocks) {
  const Shapes shapes = infer_shapes(graph, 1);
  std::unordered_set<std::string> counted;  // A weight that several nodes share counts where it is first needed.
  const auto add = [&](const std::vector<int>& nodes, std::int64_t& total_macs, std::int64_t& parameters) {
    for (const int index : nodes) {
      const Node& node = graph.nodes[index];
      total_macs += macs(node, shapes);
      for (const std::string& weight : trainable_weights(graph, node)) {
        if (counted.insert(weight).second) parameters += element_count(graph.initializers.at(weight).shape);
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
