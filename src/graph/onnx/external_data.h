#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <string>

namespace einet::graph {

/// Turns a tensor whose data lies in another file into one that has it inside. `folder` is that of the model; empty =
/// the model is not a file, so there is none. Only the bytes that the tensor's shape needs are read. `what` names the
/// tensor in errors: kNotFound (no such file), kInvalidData (a path that leaves the folder, a piece that the file does
/// not have), kUnsupported (no folder).
onnx::TensorProto with_data_inside(const onnx::TensorProto& proto, const std::filesystem::path& folder,
                                   const std::string& what);

}  // namespace einet::graph
