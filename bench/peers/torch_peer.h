#pragma once

#include <memory>
#include <span>
#include <vector>

#include "graph/graph.h"

namespace einet::peers {

/// The network in libtorch's fastest form: TorchScript, frozen, optimised for inference.
class TorchPeer {
 public:
  /// Throws einet::Error for operators that it cannot translate.
  TorchPeer(const graph::Graph& graph, int threads);
  ~TorchPeer();

  /// One run; returns its outputs in the order of the graph.
  std::vector<std::vector<float>> run(std::span<const float> input);
  /// One run without returning outputs, for timing.
  void run_only(std::span<const float> input);

 private:
  struct Network;
  std::unique_ptr<Network> network_;
};

}  // namespace einet::peers
