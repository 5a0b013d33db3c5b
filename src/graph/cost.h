#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "graph/partition.h"
#include "graph/shape_inference.h"

namespace einet::graph {

/// Multiply-accumulates of one node for the batch size of `shapes`: convolutions, Gemm and MatMul count, all
/// else is 0 (as the papers count).
std::int64_t macs(const Node& node, const Shapes& shapes);

/// The float constants that training moves: weights and biases of Conv, Gemm and MatMul, scales and shifts of
/// normalisations, slopes of a PRelu, what an Add adds unless it is a scalar (of rank 0), and what a Mul multiplies
/// channel by channel where a layer with weights came before (layer scale). Other factors and differences belong to the
/// network's form. The trainer trains these, and block_costs() counts them.
std::unordered_set<std::string> trainable_weights(const Graph& graph);

/// Cost of one block at batch 1.
struct BlockCost {
  std::int64_t conv_macs = 0;
  std::int64_t branch_macs = 0;
  std::int64_t conv_parameters = 0;  ///< Elements of trainable_weights(), shared ones once.
  std::int64_t branch_parameters = 0;
};

std::vector<BlockCost> block_costs(const Graph& graph, const std::vector<Block>& blocks);

/// Of all conv parts and branches.
std::int64_t total_parameters(const std::vector<BlockCost>& costs);

/// Multiply-accumulates at batch 1 of all nodes up to the one that gives `output`, in the order of the file. For the
/// first exit of a network that was built layer by layer this counts whole layers, as papers do; what the exit really
/// needs (block_costs()) may be less. Throws kNotFound where no node gives `output`.
std::int64_t macs_as_built(const Graph& graph, const std::string& output);

}  // namespace einet::graph
