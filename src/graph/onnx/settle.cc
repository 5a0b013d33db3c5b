// Files compute shapes at run time although they are determined by the shape of the input:
//
//     Shape(x) -> Gather(0) -> Concat(., [-1]) -> Reshape(y, .)
//
// Going through the nodes in order with the shapes of all values known, such nodes are simply evaluated. Only the batch
// size may be open. In that case the graph is settled twice, for batches of 2 and of 3, and the two are merged. If that
// fails, or if the file has a fixed number as the batch size, the network runs single images: its batch is set to 1.

#include "graph/onnx/settle.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "einet/error.h"
#include "graph/onnx/fold.h"
#include "graph/onnx/merge_batches.h"
#include "graph/onnx/settle_batch.h"

namespace einet::graph {
namespace {

// Whether the graph could be settled for any batch size. If not, it is unchanged except for constants in `folded`.
bool settle_for_any_batch(Graph& graph, std::int64_t opset, const ElementTypes& types, const BranchesByNode& branches,
                          std::unordered_set<std::string>& folded) {
  try {
    SettledBatch two = settle_batch(graph, opset, types, branches, 2, {});
    folded = two.folded;
    SettledBatch three = settle_batch(graph, opset, types, branches, 3, folded);
    folded.insert(three.folded.begin(), three.folded.end());
    merge_batches(graph, std::move(two), std::move(three));
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

void settle(Graph& graph, std::int64_t opset, const ElementTypes& types, const BranchesByNode& branches) {
  const bool open = std::any_of(graph.inputs.begin(), graph.inputs.end(),
                                [](const Input& input) { return !input.shape.empty() && input.shape.front() == -1; });
  std::unordered_set<std::string> folded;
  if (!open || !settle_for_any_batch(graph, opset, types, branches, folded)) {
    for (Input& input : graph.inputs) {
      if (!input.shape.empty() && input.shape.front() == -1) input.shape.front() = 1;
    }
    SettledBatch settled = settle_batch(graph, opset, types, branches, 1, folded);
    graph.nodes = std::move(settled.nodes);
    graph.initializers.merge(settled.constants);
  }
  remove_dead_nodes(graph);
  remove_unread_initializers(graph);
}

}  // namespace einet::graph
