#pragma once

#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/partition.h"
#include "graph/shape_inference.h"

namespace einet::exec {

/// A graph prepared for either executor: with a batch size, shapes and blocks.
struct PreparedGraph {
  graph::Graph graph;
  graph::Shapes shapes;
  std::vector<graph::Block> blocks;
  std::string input;
  graph::Shape input_shape;           ///< With the batch size.
  std::vector<std::int64_t> outputs;  ///< Floats per sample of every exit, in the order of the blocks.
};

/// Moves all nodes, in the order of a run, into conv part 0.
void join_blocks(PreparedGraph& prepared);

/// Throws kInvalidData for a batch below 1, a graph without exits or an exit whose value does not start with the batch
/// dimension; kUnsupported for several inputs or an unsupported operator.
PreparedGraph prepare(const graph::Graph& graph, std::int64_t batch);

}  // namespace einet::exec
