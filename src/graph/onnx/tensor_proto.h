#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <string>

#include "graph/tensor.h"

namespace einet::graph {

/// Reads a tensor of the file. `what` names it in errors: kUnsupported (element type), kInvalidData (size and data
/// disagree, NaN, infinite weights). Nothing is allocated before the sizes are checked. `folder` is where data outside
/// the file may be; empty = such data is an error.
Tensor from_proto(const onnx::TensorProto& proto, const std::string& what, const std::filesystem::path& folder = {});

/// float32 or int64, raw.
onnx::TensorProto to_proto(const Tensor& tensor, const std::string& name);

/// float16, raw. Throws kInvalidData, naming it, if a value is too large for float16.
onnx::TensorProto to_half_proto(const Tensor& tensor, const std::string& name);

/// Whether the ONNX element type is converted to float.
bool is_float_type(int data_type);

/// Throws kInvalidData if `tensor` contains NaN or, unless it is a single value (a bound), an infinity.
void check_finite(const Tensor& tensor, const std::string& what);

}  // namespace einet::graph
