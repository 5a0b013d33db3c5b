#pragma once

#include <onnx/onnx_pb.h>

namespace einet::graph {

/// Replaces every call of a function defined in the model (as written by PyTorch's exporter) by the nodes of its body,
/// in the graph and in the branches of If. The values and nodes of a body get unique names. Throws kInvalidData for a
/// function that calls itself or lacks an attribute, kUnsupported if the result is too large.
void inline_functions(onnx::ModelProto& model);

}  // namespace einet::graph
