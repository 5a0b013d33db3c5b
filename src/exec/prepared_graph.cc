#include "exec/prepared_graph.h"

#include "einet/error.h"

namespace einet::exec {

PreparedGraph prepare(const graph::Graph& graph, std::int64_t batch) {
  const std::string name = graph.name.empty() ? "graph" : graph.name;
  if (batch < 1) throw Error(ErrorKind::kInvalidData, name, "cannot run batches of " + std::to_string(batch));
  if (graph.inputs.size() != 1) {
    throw Error(ErrorKind::kUnsupported, name,
                "has " + std::to_string(graph.inputs.size()) + " inputs; only networks with one input are supported");
  }
  if (graph.outputs.empty()) throw Error(ErrorKind::kInvalidData, name, "has no exit");

  PreparedGraph prepared{
      graph, graph::infer_shapes(graph, batch), graph::partition(graph), graph.inputs.front().name, {}, {}};
  prepared.input_shape = prepared.shapes.at(prepared.input);
  if (prepared.input_shape.empty() || prepared.input_shape.front() != batch) {
    throw Error(ErrorKind::kInvalidData, "input '" + prepared.input + "'",
                "has the shape " + graph::to_string(prepared.input_shape) + ", which does not permit batches of " +
                    std::to_string(batch));
  }
  for (const graph::Block& block : prepared.blocks) {
    const graph::Shape& shape = prepared.shapes.at(block.output);
    if (shape.empty() || shape.front() != batch) {
      throw Error(ErrorKind::kInvalidData, "exit '" + block.output + "'",
                  "has the shape " + graph::to_string(shape) + " without the batch of " + std::to_string(batch));
    }
    prepared.outputs.push_back(graph::element_count(shape) / batch);
  }
  return prepared;
}

void join_blocks(PreparedGraph& prepared) {
  std::vector<int> all;
  for (graph::Block& block : prepared.blocks) {
    for (std::vector<int>* part : {&block.conv_part, &block.branch}) {
      all.insert(all.end(), part->begin(), part->end());
      part->clear();
    }
  }
  prepared.blocks.front().conv_part = std::move(all);
}

}  // namespace einet::exec
