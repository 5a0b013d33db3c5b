#pragma once

#include <onnx/onnx_pb.h>

#include <string>
#include <unordered_map>

namespace einet::graph {

/// ONNX element type (TensorProto::DataType) of the values of a file, by name.
using ElementTypes = std::unordered_map<std::string, int>;

/// The types of all values whose type is determined by the operators; others are omitted. The graph itself has only
/// floats, and integers for shapes and indices, so this is the only record of int8, uint8 and bool.
ElementTypes element_types(const onnx::GraphProto& graph);

bool is_integer_type(int data_type);
/// Integers of 8 or 16 bits, whose arithmetic easily wraps around.
bool is_narrow_type(int data_type);

}  // namespace einet::graph
