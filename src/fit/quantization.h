#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/progress.h"
#include "fit/observe.h"
#include "fit/range.h"
#include "graph/graph.h"
#include "graph/onnx_file.h"

namespace einet::fit {

struct QuantizationOptions {
  RangeRule range = {};
  /// Percentage points of accuracy that each exit may lose; layers that do most harm stay in float until that holds.
  double max_loss = 0.3;
  /// How the file stores the weights of layers that stay in float.
  graph::WeightStorage storage = graph::WeightStorage::kFloat16;
};

/// A network quantised after training, and its accuracy by exit on the scored images.
struct Quantization {
  graph::Graph graph;
  std::vector<double> before, after;   ///< Shares from 0 to 1.
  std::vector<std::string> quantized;  ///< Layers, in topological order.
  std::vector<std::string> returned;  ///< Those that stay in float because of the accuracy, in the order of the search.
};

/// Folds normalisations, observes the ranges of all values on the `calibration` images, and quantises as many layers as
/// the accuracy on `scored`, which are other images, permits. Throws kUsage for a negative max_loss or a network that
/// is quantised already; kInvalidData, naming `name`, if no layer can be quantised or if none may be because of the
/// loss.
Quantization quantize_network(const graph::Graph& graph, const std::string& name, const Images& calibration,
                              const Images& scored, std::span<const std::int32_t> labels,
                              const QuantizationOptions& options, Progress& progress = Progress::none());

}  // namespace einet::fit
