#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/head.h"

namespace einet::train {

/// How the loss reads an exit: before its softmax or sigmoid, so that neither is applied twice.
struct ExitReading {
  std::string value;         ///< To be computed instead of the output.
  bool independent = false;  ///< A sigmoid for each class; otherwise softmax(logits) are the probabilities.
  graph::Head of =
      graph::Head::kLogits;  ///< What `value` holds: probabilities only where nothing before them is whole.
  std::int64_t classes = 0;

  /// Logits [N,classes] from the value. A single sigmoid of z is the softmax of (0, z).
  at::Tensor logits(const at::Tensor& value) const;
};

/// One for each output of the graph. Throws kInvalidData, naming the output, where it is not a classifier's.
std::vector<ExitReading> read_exits(const graph::Graph& graph);

}  // namespace einet::train
