#pragma once

#include <cstdint>
#include <vector>

#include "einet/graph/partition.h"
#include "einet/graph/shape_inference.h"

namespace einet::graph {

/// Multiply-accumulates of one node for the batch size of `shapes`: convolutions, Gemm and MatMul count, all
/// else is 0 (as the papers count).
std::int64_t macs(const Node& node, const Shapes& shapes);

/// Cost of one block at batch 1.
struct BlockCost {
  std::int64_t conv_macs = 0;
  std::int64_t branch_macs = 0;
  std::int64_t conv_parameters = 0;  ///< Elements of trainable float weights (BatchNormalization: scale and bias only).
  std::int64_t branch_parameters = 0;
};

std::vector<BlockCost> block_costs(const Graph& graph, const std::vector<Block>& blocks);

}  // namespace einet::graph
