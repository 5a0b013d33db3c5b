#include "network_file.h"

#include <filesystem>

#include "einet/bundle/bundle.h"
#include "einet/graph/onnx_file.h"
#include "einet/zoo/zoo.h"

namespace einet::cli {

graph::Graph load_network(const std::string& model) {
  if (std::filesystem::is_directory(model)) return bundle::load_bundle(model).graph;
  if (!std::filesystem::exists(model)) {
    for (const zoo::Network& network : zoo::networks()) {
      if (network.name == model) return zoo::build(model, {});
    }
  }
  return graph::load_onnx(model);
}

}  // namespace einet::cli
