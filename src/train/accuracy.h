#pragma once

#include <vector>

#include "data/dataset.h"
#include "graph/graph.h"
#include "train/exits.h"
#include "train/interpreter.h"
#include "train/ranks.h"

namespace einet::train {

/// Images per batch if no gradients are needed: 500 of CIFAR's size, 13 of ImageNet's, so that the output of a layer
/// takes at most a few hundred MB.
int evaluation_batch(const data::Dataset& data);

/// Where and in which layout a network computes.
struct Placement {
  at::Device device = at::kCPU;
  at::MemoryFormat layout = at::MemoryFormat::Contiguous;

  /// Images [n,C,H,W] from `pixels`, which must outlive the tensor.
  at::Tensor images(const data::Dataset& data, std::vector<float>& pixels) const;
};

/// The network with the values that the loss reads as outputs.
struct Logits {
  const graph::Graph& graph;
  const std::vector<ExitReading>& exits;
  const Interpreter& network;
  Placement placement;
};

/// Accuracy of `exits` (numbers of outputs) on the first `count` images, in [0,1], in f32. Each of `ranks` classifies a
/// part of the images.
std::vector<double> accuracy(const Logits& logits, const data::Dataset& data, int count,
                             const std::vector<std::size_t>& exits, const Ranks& ranks);

/// Overall accuracy of the best static plan under a uniform cut-off, if exit i has accuracy `accuracies`[i] and all
/// blocks take time in proportion to their multiply-accumulates (Elasticity is this over the greatest accuracy).
double best_expectation(const graph::Graph& graph, const std::vector<double>& accuracies);

}  // namespace einet::train
