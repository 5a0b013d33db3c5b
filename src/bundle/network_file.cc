#include "bundle/network_file.h"

#include <utility>

#include "bundle/files.h"
#include "bundle/update.h"

namespace einet::bundle {

graph::Graph load_network(const std::filesystem::path& model, const graph::LoadOptions& options) {
  return std::filesystem::is_directory(model) ? load_bundle(model).graph : graph::load_onnx(model, options);
}

Bundle new_bundle(graph::Graph graph, graph::WeightStorage weights, const std::string& name) {
  check_network(graph, name);
  Bundle bundle;
  bundle.weights = weights;
  bundle.preprocessing = std::exchange(graph.preprocessing, {});  // Stored in the manifest.
  bundle.normalization = std::exchange(graph.normalization, {});
  bundle.graph = with_rounded_weights(graph, weights);
  return bundle;
}

std::filesystem::path onnx_file(const std::filesystem::path& model) {
  return std::filesystem::is_directory(model) ? model / kModel : model;
}

}  // namespace einet::bundle
