#pragma once

#include <filesystem>

#include "bundle/bundle.h"
#include "graph/onnx_file.h"

namespace einet::bundle {

/// Loads the network of an ONNX file with `options`, or that of a bundle, which is verified.
graph::Graph load_network(const std::filesystem::path& model, const graph::LoadOptions& options);

/// A bundle of `graph` without profiles: what the file says about the preparation of images is part of the bundle, and
/// weights are rounded as they will be stored, so that the network measured is the one saved. Throws kInvalidData,
/// naming `name`, if a bundle cannot contain this network.
Bundle new_bundle(graph::Graph graph, graph::WeightStorage weights, const std::string& name);

/// The ONNX file itself, or model.onnx of a bundle.
std::filesystem::path onnx_file(const std::filesystem::path& model);

}  // namespace einet::bundle
