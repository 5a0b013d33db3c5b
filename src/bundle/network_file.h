#pragma once

#include <filesystem>

#include "graph/onnx_file.h"

namespace einet::bundle {

/// Loads the network of an ONNX file with `options`, or that of a bundle, which is verified.
graph::Graph load_network(const std::filesystem::path& model, const graph::LoadOptions& options);

/// The ONNX file itself, or model.onnx of a bundle.
std::filesystem::path onnx_file(const std::filesystem::path& model);

}  // namespace einet::bundle
