#include "train/stage.h"

#include <algorithm>

#include "einet/error.h"
#include "graph/cost.h"
#include "graph/partition.h"

namespace einet::train {
namespace {

Stage stage_with(const graph::Graph& graph, std::vector<bool> nodes, std::vector<double> weights) {
  std::set<std::string> trained, frozen;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string& input : graph.nodes[i].inputs) {
      if (graph.constant(input) != nullptr) (nodes[i] ? trained : frozen).insert(input);
    }
  }
  Stage stage{.nodes = std::move(nodes), .parameters = {}, .weights = std::move(weights)};
  std::set_difference(trained.begin(), trained.end(), frozen.begin(), frozen.end(),
                      std::inserter(stage.parameters, stage.parameters.end()));
  return stage;
}

std::size_t exit_of(const graph::Graph& graph, const graph::Block& block) {
  return std::find(graph.outputs.begin(), graph.outputs.end(), block.output) - graph.outputs.begin();
}

void mark(const std::vector<int>& nodes, std::vector<bool>& marks) {
  for (const int node : nodes) marks[node] = true;
}

/// Unmarks the nodes before the first that training changes: the pooling at the beginning of a branch. They give the
/// same in every epoch, and what they give is smaller than what they read.
void leave_out_beginnings(const graph::Graph& graph, std::vector<bool>& marks) {
  const auto trained = graph::trainable_weights(graph);
  std::set<std::string> changing;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const graph::Node& node = graph.nodes[i];
    if (!marks[i]) continue;
    marks[i] = node.op == "Dropout" || std::any_of(node.inputs.begin(), node.inputs.end(), [&](const auto& value) {
                 return trained.contains(value) || changing.contains(value);
               });
    if (marks[i]) changing.insert(node.outputs.begin(), node.outputs.end());
  }
}

}  // namespace

std::vector<Stage> stages_of(const graph::Graph& graph, const TrainOptions& options) {
  const std::vector<bool> none(graph.nodes.size(), false);
  std::vector<double> weights = options.exit_weights;
  if (weights.empty()) weights.assign(graph.outputs.size(), 1.0);
  if (options.mode == "joint") {
    return {stage_with(graph, std::vector<bool>(graph.nodes.size(), true), std::move(weights))};
  }
  const std::vector<graph::Block> blocks = graph::partition(graph);
  if (options.mode == "sequential") {
    std::vector<Stage> stages;
    for (const graph::Block& block : blocks) {
      std::vector<bool> nodes = none;
      mark(block.conv_part, nodes);
      mark(block.branch, nodes);
      std::vector<double> only(weights.size(), 0.0);
      only[exit_of(graph, block)] = 1.0;
      stages.push_back(stage_with(graph, std::move(nodes), std::move(only)));
    }
    return stages;
  }
  if (options.mode == "branches") {
    if (blocks.size() < 2) {
      throw Error(ErrorKind::kInvalidData, graph.name,
                  "has one exit only, so no branches to train; `einet model insert-exits` gives it more");
    }
    std::vector<bool> nodes = none;
    for (std::size_t i = 0; i + 1 < blocks.size(); ++i) mark(blocks[i].branch, nodes);
    leave_out_beginnings(graph, nodes);
    weights[exit_of(graph, blocks.back())] = 0.0;
    return {stage_with(graph, std::move(nodes), std::move(weights))};
  }
  throw Error(ErrorKind::kUsage, "mode '" + options.mode + "'", "must be joint, sequential or branches");
}

std::vector<std::string> handed_over(const graph::Graph& graph, const Stage& stage) {
  std::set<std::string> frozen = {graph.inputs.at(0).name}, values;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!stage.nodes[i]) frozen.insert(graph.nodes[i].outputs.begin(), graph.nodes[i].outputs.end());
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!stage.nodes[i]) continue;
    for (const std::string& input : graph.nodes[i].inputs) {
      if (frozen.contains(input)) values.insert(input);
    }
  }
  return {values.begin(), values.end()};
}

std::size_t last_exit(const graph::Graph& graph) { return exit_of(graph, graph::partition(graph).back()); }

}  // namespace einet::train
