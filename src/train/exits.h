#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/head.h"

namespace einet::train {

/// Where the loss reads an exit: before its softmax or sigmoid, so that neither is applied twice.
struct ExitReading {
  std::string value;         ///< The value to compute instead of the output.
  bool independent = false;  ///< A sigmoid for each class; otherwise softmax(logits) are the probabilities.
  graph::Head of = graph::Head::kLogits;  ///< The kind of `value`: probabilities only if there are no complete logits.
  std::int64_t classes = 0;

  /// Logits [N,classes] from the value. A single sigmoid of z is the softmax of (0, z).
  at::Tensor logits(const at::Tensor& value) const;
};

/// One for each output of the graph. Throws kInvalidData, naming the output, if it is not that of a classifier.
std::vector<ExitReading> read_exits(const graph::Graph& graph);

}  // namespace einet::train
