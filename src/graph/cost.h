#pragma once

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

#include "graph/partition.h"
#include "graph/shape_inference.h"

namespace einet::graph {

/// Multiply-accumulates of one node for the batch size of `shapes`: those of convolutions, Gemm and MatMul; 0 for all
/// other operators (as counted in the literature).
std::int64_t macs(const Node& node, const Shapes& shapes);

/// The trainable float constants: weights and biases of Conv, Gemm and MatMul, scales and shifts of normalisations,
/// slopes of a PRelu, summands of an Add unless scalar (of rank 0), and per-channel factors of a Mul after a layer with
/// weights (layer scale). Other constants are part of the network's structure. The trainer trains these, and
/// block_costs() counts them.
std::unordered_set<std::string> trainable_weights(const Graph& graph);

/// Cost of one block at batch 1.
struct BlockCost {
  std::int64_t conv_macs = 0;
  std::int64_t branch_macs = 0;
  std::int64_t conv_parameters = 0;  ///< Elements of trainable_weights(); shared ones count once.
  std::int64_t branch_parameters = 0;
};

std::vector<BlockCost> block_costs(const Graph& graph, const std::vector<Block>& blocks);

/// Of all conv parts and branches.
std::int64_t total_parameters(const std::vector<BlockCost>& costs);

/// Multiply-accumulates at batch 1 of all nodes up to the one that produces `output`, in the order of the file. For the
/// first exit of a network built layer by layer, this counts whole layers, as in the literature; the exit may need less
/// (block_costs()). Throws kNotFound if no node produces `output`.
std::int64_t macs_as_built(const Graph& graph, const std::string& output);

}  // namespace einet::graph
