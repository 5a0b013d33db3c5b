#include "bundle/network_file.h"

#include "bundle/bundle.h"
#include "bundle/files.h"

namespace einet::bundle {

graph::Graph load_network(const std::filesystem::path& model, const graph::LoadOptions& options) {
  return std::filesystem::is_directory(model) ? load_bundle(model).graph : graph::load_onnx(model, options);
}

std::filesystem::path onnx_file(const std::filesystem::path& model) {
  return std::filesystem::is_directory(model) ? model / kModel : model;
}

}  // namespace einet::bundle
