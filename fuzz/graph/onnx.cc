// Any bytes as an ONNX file: the result must be a clear error, or a valid network that can be saved and loaded again.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "einet/error.h"
#include "graph/onnx_file.h"
#include "graph/partition.h"
#include "graph/shape_inference.h"

using namespace einet;
using namespace einet::graph;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void save_and_load(const Graph& graph) {
  std::string bytes;
  try {
    bytes = format_onnx(graph);
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::kUnsupported);
    return;
  }
  const Graph again = parse_onnx(bytes, "saved");
  require(again.outputs == graph.outputs);
  for (const std::string& output : again.outputs) {
    require(infer_shapes(again).at(output) == infer_shapes(graph).at(output));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Graph graph;
  try {
    graph = parse_onnx(std::string_view(reinterpret_cast<const char*>(data), size), "fuzzed");
  } catch (const Error& error) {
    const std::string_view message = error.what();
    require(error.kind() != ErrorKind::kInternal);
    require(message.starts_with("fuzzed: ") && message.find('\n') == std::string_view::npos);
    return 0;
  }
  graph.validate();
  const Shapes shapes = infer_shapes(graph);
  for (const std::string& output : graph.outputs) require(element_count(shapes.at(output)) > 0);
  require(partition(graph).size() == graph.outputs.size());
  save_and_load(graph);
  return 0;
}
