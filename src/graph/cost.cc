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

bool is_trained(const std::string& op, std::size_t position) {
  if (op == "MatMul" || op == "Add") return true;
  if (op == "Conv" || op == "ConvTranspose" || op == "Gemm") return position >= 1;
  if (op == "BatchNormalization") return position == 1 || position == 2;
  return op == "PRelu" && position == 1;
}

std::vector<BlockCost> block_costs(const Graph& graph, const std::vector<Block>& blocks) {
  const Shapes shapes = infer_shapes(graph, 1);
  std::unordered_set<std::string> counted;  // A weight that several nodes share counts where it is first needed.
  const auto add = [&](const std::vector<int>& nodes, std::int64_t& total_macs, std::int64_t& parameters) {
    for (const int index : nodes) {
      const Node& node = graph.nodes[index];
      total_macs += macs(node, shapes);
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const Tensor* weight = is_trained(node.op, i) ? graph.constant(node.inputs[i]) : nullptr;
        if (weight == nullptr || !weight->is_float()) continue;
        if (counted.insert(node.inputs[i]).second) parameters += element_count(weight->shape);
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
