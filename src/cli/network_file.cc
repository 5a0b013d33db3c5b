#include "cli/network_file.h"

#include "bundle/bundle.h"
#include "zoo/zoo.h"

namespace einet::cli {

graph::Graph load_network(const std::string& model, const graph::LoadOptions& options) {
  if (std::filesystem::is_directory(model)) return bundle::load_bundle(model).graph;
  if (!std::filesystem::exists(model)) {
    for (const zoo::NamedNetwork& network : zoo::networks()) {
      if (network.name == model) return zoo::build(model, {});
    }
  }
  graph::LoadOptions images = options;
  images.channels_first = true;
  return graph::load_onnx(model, images);
}

std::filesystem::path onnx_file(const std::string& model) {
  const std::filesystem::path path(model);
  return std::filesystem::is_directory(path) ? path / "model.onnx" : path;
}

}  // namespace einet::cli
