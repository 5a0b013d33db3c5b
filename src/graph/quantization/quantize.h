#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// A layer that can be computed with 8-bit integers: a Conv, Gemm or MatMul with constant weights and enough work.
struct QuantizableLayer {
  std::string node;
  /// The value to quantise: the layer's input or, behind a MaxPool, that of the MaxPool, because the maximum of rounded
  /// values is the rounded maximum.
  std::string source;
  std::int64_t macs = 0;  ///< At batch 1.
};

/// In topological order. Convolutions of a single channel are not quantised: their input is usually an image, and bytes
/// are not faster. Nor are layers with fewer than 10,000 multiply-accumulates.
std::vector<QuantizableLayer> quantizable_layers(const Graph& graph);

/// Whether the network has quantised values or weights already.
bool is_quantized(const Graph& graph);

/// Quantises `layers`, a subset of quantizable_layers(): a FakeQuantize for each of their sources, with `grids`, and
/// weights as int8, symmetric, with one scale per output channel; biases as int32. Additions also read the rounded
/// value, so that it need not be stored twice.
Graph quantize(const Graph& graph, const std::vector<QuantizableLayer>& layers,
               const std::map<std::string, Grid>& grids);

}  // namespace einet::graph
