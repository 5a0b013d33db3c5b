#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "graph/graph.h"
#include "graph/onnx/branches.h"
#include "graph/onnx/element_types.h"
#include "graph/shape_inference.h"

namespace einet::graph {

/// A graph settled for one batch size: its nodes, and the constants that depend on shapes.
struct SettledBatch {
  std::vector<Node> nodes;
  std::unordered_map<std::string, Tensor> constants;
  Shapes shapes;
  std::unordered_set<std::string> folded;  ///< Constants that depend on no shape, which were added to the graph.
};

/// settle() (settle.h) for inputs with `batch` images. Constants that depend on no shape are added to `graph`; those in
/// `folded_before`, from another batch size, are already there. If it throws, `graph` is unchanged.
SettledBatch settle_batch(Graph& graph, std::int64_t opset, const ElementTypes& types, const BranchesByNode& branches,
                          std::int64_t batch, const std::unordered_set<std::string>& folded_before);

}  // namespace einet::graph
