#include "network_file.h"

#include <filesystem>

#include "einet/bundle/bundle.h"
#include "einet/graph/onnx_file.h"
#include "einet/zoo/zoo.h"

namespace einet::cli {

graph::Graph load_network(const std::string& model) {
  if (std::filesystem::is_directory(model)) return bundle::load_bundle(model).graph;
  if (!std::filesystem::exists(model)) {
    for (const zoo::Family& family : zoo::families()) {
      if (family.name == model) return family.build({});
    }
  }
  return graph::load_onnx(model);
}

}  // namespace einet::cli
