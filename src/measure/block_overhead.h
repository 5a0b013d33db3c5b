#pragma once

#include <span>

#include "einet/time.h"
#include "exec/program.h"
#include "graph/graph.h"

namespace einet::measure {

struct BlockOverhead {
  double ratio = 1;  ///< Blocks' time / time in one piece, median over pairs of compilations.
  double one_block_seconds = 0;
};

/// Compares whole runs block by block with runs of the network compiled in one piece, alternating for about `budget`.
/// Both are recompiled for each pair: the addresses of the weights change the speed of a network by up to 5 %, which
/// is more than the cost of blocks. At least six pairs, regardless of the budget. Throws what compile() throws.
BlockOverhead measure_block_overhead(const graph::Graph& graph, const exec::CompileOptions& options,
                                     std::span<const float> input, Seconds budget);

}  // namespace einet::measure
