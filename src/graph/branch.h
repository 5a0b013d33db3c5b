#pragma once

#include <cstddef>
#include <string>

#include "graph/builder.h"

namespace einet::graph {

/// The small classifier at an exit, in the form that the paper found best (figure 13): 3x3 convolutions with
/// normalisation and ReLU, then fully connected layers with ReLU between them. Without convolutions it begins with the
/// mean over all positions and a layer normalisation, which is suitable for tokens.
struct BranchShape {
  int convolutions = 1;     ///< The first one halves the map. 0 if channels are not the first dimension.
  int fully_connected = 2;  ///< At least 1; the last of them computes the classes.
  int channels = 64;        ///< Of every convolution.
  int hidden = 128;         ///< Units of every fully connected layer but the last.
  /// If above 0, the branch reads an image: its pixels are first averaged to a grid whose longer side is at most this.
  int pixels = 0;
};

/// Appends a branch to `x` and returns its logits [classes]. With convolutions, x is [C,H,W]; a map whose longer side
/// is above 8 is first max-pooled to at most 8, so that the cost of a branch hardly depends on the size of the map;
/// one of 1x1 gets 1x1 convolutions. Without, x has its channels in dimension `channels`: [C,H,W], [H,W,C], [L,C], …
/// On an image [C,H,W] (BranchShape::pixels > 0), without convolutions: the averaged pixels, flattened. With them: a
/// 3x3 convolution of `channels`, max pooling by 2, then 3x3 convolutions with stride 2 and twice the channels until
/// the longer side is at most 4, each with normalisation and ReLU. Nodes and weights: "NAME.pool", "NAME.conv1.conv",
/// …, "NAME.flatten" or "NAME.mean", "NAME.norm", then "NAME.fc1", …, "NAME.fc".
std::string append_branch(Builder& net, std::string x, int classes, const BranchShape& branch, const std::string& name,
                          std::size_t channels = 0);

}  // namespace einet::graph
