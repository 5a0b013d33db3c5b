#pragma once

#include <set>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "train/trainer.h"

namespace einet::train {

/// The part of the network that one stage of a training changes; all else is fixed, running statistics included.
struct Stage {
  std::vector<bool> nodes;           ///< By index in the graph: whether the node is trained.
  std::set<std::string> parameters;  ///< Initializers that only trained nodes read.
  std::vector<double> weights;       ///< By exit: weight of its loss; 0 = does not count.
};

/// Joint: one stage with everything. Sequential: one stage per exit, in order of depth, with that exit's block.
/// Branches: one stage with the branches of `chosen` exits (by output), each from its first node with weights on, of
/// the last exit from its last one on. Throws kUsage for an unknown mode.
std::vector<Stage> stages_of(const graph::Graph& graph, const TrainOptions& options, const std::vector<bool>& chosen);

/// The exits that a training with these options trains, by output. Throws kUsage (TrainOptions::only names an exit that
/// does not exist or none that is left to train, or belongs to another mode), kInvalidData (mode "branches" of a
/// network with one exit only, which is not new).
std::vector<bool> chosen_exits(const graph::Graph& graph, const TrainOptions& options);

/// The outputs of frozen nodes (and the graph's input) that trained nodes read, sorted.
std::vector<std::string> handed_over(const graph::Graph& graph, const Stage& stage);

/// The exit that comes last by depth: teacher of the others.
std::size_t last_exit(const graph::Graph& graph);

}  // namespace einet::train
