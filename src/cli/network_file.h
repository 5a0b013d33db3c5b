#pragma once

#include <filesystem>
#include <string>

#include "graph/onnx_file.h"

namespace einet::cli {

/// The network that a command line names: an ONNX file, a bundle, or, where there is no such file, a network of the zoo
/// with its defaults and fresh weights. Only ONNX files obey `options`.
graph::Graph load_network(const std::string& model, const graph::LoadOptions& options = {});

/// The ONNX file that a command line names: itself, or model.onnx of a bundle.
std::filesystem::path onnx_file(const std::string& model);

}  // namespace einet::cli
