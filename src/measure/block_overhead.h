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

/// A whole run block by block beside one of the network compiled in one piece, in turns for about `budget`. Both are
/// compiled anew for each pair: where its weights happen to lie makes one and the same network up to 5 % faster or
/// slower, more than blocks cost. At least six pairs, whatever the budget. Throws what compile() throws.
BlockOverhead measure_block_overhead(const graph::Graph& graph, const exec::CompileOptions& options,
                                     std::span<const float> input, Seconds budget);

}  // namespace einet::measure
