#pragma once

#include <set>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "train/trainer.h"

namespace einet::train {

/// The part of the network that one stage of training changes; everything else is fixed, including running statistics.
struct Stage {
  std::vector<bool> nodes;           ///< By index in the graph: whether the node is trained.
  std::set<std::string> parameters;  ///< Initializers that only trained nodes read.
  std::vector<double> weights;       ///< By exit: weight of its loss; 0 = not part of the loss.
};

/// Joint: one stage with everything. Sequential: one stage per exit, in order of depth, with that exit's block.
/// Branches: one stage with the branches of `chosen` exits (by output), each from its first node with weights onwards;
/// for the last exit, from its last node with weights onwards. Throws kUsage for an unknown mode.
std::vector<Stage> stages_of(const graph::Graph& graph, const TrainOptions& options, const std::vector<bool>& chosen);

/// The exits that are trained with these options, by output. Throws kUsage if TrainOptions::only names an exit that
/// does not exist, selects none, or is given with another mode; kInvalidData for mode "branches" if the network's only
/// exit is not new.
std::vector<bool> chosen_exits(const graph::Graph& graph, const TrainOptions& options);

/// The outputs of frozen nodes (and the graph's input) that are read by trained nodes, sorted.
std::vector<std::string> handed_over(const graph::Graph& graph, const Stage& stage);

/// The deepest exit, which is the teacher of the others.
std::size_t last_exit(const graph::Graph& graph);

}  // namespace einet::train
