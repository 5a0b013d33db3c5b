#pragma once

#include <onnx/onnx_pb.h>

namespace einet::graph {

/// Replaces every call of a function that the model itself defines (as PyTorch's exporter writes them) by the nodes of
/// its body, in the graph and in the branches of If. The values and nodes of a body get names of their own. Throws
/// kInvalidData for a function that calls itself or lacks an attribute, kUnsupported where the result is too large.
void inline_functions(onnx::ModelProto& model);

}  // namespace einet::graph
