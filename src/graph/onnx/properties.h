#pragma once

#include <onnx/onnx_pb.h>

#include "graph/graph.h"

namespace einet::graph {

// The metadata properties of an ONNX file for Graph::head, untrained, preprocessing and normalization:
//
//   einet.head                  logits, softmax, log-softmax or sigmoid
//   einet.untrained             names of outputs, one per line; unknown names are ignored
//   einet.resize, einet.crop    256, or height x width: 224x320
//   einet.interpolation         of the resizing: nearest, bilinear or bicubic
//   einet.mean, einet.stddev    one number per channel: 0.485,0.456,0.406

/// To be called after graph.outputs is complete. Throws kInvalidData, naming the property, for malformed values. Does
/// not check whether they match the input.
void read_properties(const onnx::ModelProto& model, Graph& graph);
void write_properties(const Graph& graph, onnx::ModelProto& model);

}  // namespace einet::graph
