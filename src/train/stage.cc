#include "train/stage.h"

#include <algorithm>
#include <charconv>

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

/// Unmarks the nodes before the first trainable one, such as the pooling at the start of a branch: their outputs are
/// the same in every epoch, and smaller than their inputs.
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

/// The nodes of `branch` from its last layer with weights onwards.
std::vector<int> from_last_weights(const graph::Graph& graph, const std::vector<int>& branch) {
  const auto is_layer = [&](int node) {
    const std::string& op = graph.nodes[node].op;
    return op == "Conv" || op == "Gemm" || op == "MatMul";
  };
  const auto last = std::find_if(branch.rbegin(), branch.rend(), is_layer);
  return last == branch.rend() ? branch : std::vector<int>(last.base() - 1, branch.end());
}

/// The exits, numbered from 1 by depth, selected by one word of TrainOptions::only.
std::vector<std::size_t> selected(const graph::Graph& graph, const std::vector<graph::Block>& blocks,
                                  const std::string& word) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].output == word || (word == "new" && graph.untrained.contains(blocks[i].output))) {
      numbers.push_back(i + 1);
    }
  }
  if (!numbers.empty()) return numbers;
  if (word == "new") throw Error(ErrorKind::kUsage, "--only new", "all exits of the network have been trained");
  std::size_t first = 0, last = 0;
  const char* end = word.data() + word.size();
  auto read = std::from_chars(word.data(), end, first);
  last = first;
  if (read.ec == std::errc() && read.ptr != end && *read.ptr == '-') read = std::from_chars(read.ptr + 1, end, last);
  if (read.ec != std::errc() || read.ptr != end || first < 1 || last < first || last > blocks.size()) {
    throw Error(ErrorKind::kUsage, "--only " + word,
                "no such exit: give numbers from 1 to " + std::to_string(blocks.size()) +
                    ", ranges such as 1-3, names of outputs, or new");
  }
  for (; first <= last; ++first) numbers.push_back(first);
  return numbers;
}

}  // namespace

std::vector<bool> chosen_exits(const graph::Graph& graph, const TrainOptions& options) {
  if (options.mode != "branches") {
    if (options.only.empty()) return std::vector<bool>(graph.outputs.size(), true);
    throw Error(ErrorKind::kUsage, "--only", "is only valid with --mode branches");
  }
  const std::vector<graph::Block> blocks = graph::partition(graph);
  std::vector<bool> chosen(graph.outputs.size(), false);
  if (options.only.empty()) {
    for (const graph::Block& block : blocks) {
      chosen[exit_of(graph, block)] = &block != &blocks.back() || graph.untrained.contains(block.output);
    }
  }
  for (const std::string& word : options.only) {
    for (const std::size_t number : selected(graph, blocks, word)) chosen[exit_of(graph, blocks[number - 1])] = true;
  }
  if (std::find(chosen.begin(), chosen.end(), true) == chosen.end()) {
    throw Error(ErrorKind::kInvalidData, graph.name,
                "has only one exit, so there are no branches to train; add exits with `einet model insert-exits`");
  }
  return chosen;
}

std::vector<Stage> stages_of(const graph::Graph& graph, const TrainOptions& options, const std::vector<bool>& chosen) {
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
    std::vector<bool> nodes = none;
    for (const graph::Block& block : blocks) {
      const std::size_t exit = exit_of(graph, block);
      if (!chosen[exit]) {
        weights[exit] = 0.0;
      } else if (&block == &blocks.back()) {
        mark(from_last_weights(graph, block.branch), nodes);
      } else {
        mark(block.branch, nodes);
      }
    }
    leave_out_beginnings(graph, nodes);
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
