#pragma once

#include <string>

#include "einet/graph/builder.h"

namespace einet::graph {

/// The small classifier at an exit, as EINet found it best (paper, figure 13): 3x3 convolutions with normalisation and
/// ReLU, then fully connected layers with ReLU between them.
struct BranchShape {
  int convolutions = 1;     ///< At least 1. The first one halves the map.
  int fully_connected = 2;  ///< At least 1; the last of them gives the classes.
  int channels = 64;        ///< Of every convolution.
  int hidden = 128;         ///< Units of every fully connected layer but the last.
};

/// Appends a branch to `x` [C,H,W] and returns its logits [classes]. A map whose longer side is above 8 is first
/// max-pooled to at most 8, so that the cost of a branch hardly depends on how large the map is; one of 1x1 gets 1x1
/// convolutions. Nodes and weights: "NAME.pool", "NAME.conv1.conv", …, "NAME.flatten", "NAME.fc1", …, "NAME.fc".
std::string append_branch(Builder& net, std::string x, int classes, const BranchShape& branch, const std::string& name);

}  // namespace einet::graph
