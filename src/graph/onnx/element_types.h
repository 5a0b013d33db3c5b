#pragma once

#include <onnx/onnx_pb.h>

#include <string>
#include <unordered_map>

namespace einet::graph {

/// ONNX element type (TensorProto::DataType) of the values of a file, by name.
using ElementTypes = std::unordered_map<std::string, int>;

/// The types of all values, as far as the operators decide them; what they do not is left out. The graph itself has
/// floats, and integers where shapes and indices are computed, so this is where int8, uint8 and bool are remembered.
ElementTypes element_types(const onnx::GraphProto& graph);

bool is_integer_type(int data_type);
/// Integers of 8 or 16 bits: arithmetic with them wraps around early.
bool is_narrow_type(int data_type);

}  // namespace einet::graph
