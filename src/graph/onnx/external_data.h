#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <string>

namespace einet::graph {

/// Converts a tensor with data in another file to one that contains the data. `folder` is that of the model; empty if
/// the model is not a file. Only as many bytes are read as the tensor's shape requires. `what` names the tensor in
/// errors: kNotFound (no such file), kInvalidData (a path outside the folder, a range beyond the end of the file),
/// kUnsupported (no folder).
onnx::TensorProto with_data_inside(const onnx::TensorProto& proto, const std::filesystem::path& folder,
                                   const std::string& what);

}  // namespace einet::graph
