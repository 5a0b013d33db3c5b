#pragma once

#include <random>
#include <vector>

#include "graph/graph.h"

namespace einet::predict {

/// An untrained predictor with the architecture of the paper: n -> hidden -> n with a ReLU.
inline graph::Graph mlp(int exits, int hidden) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0.0f, 0.3f);
  const auto drawn = [&](std::int64_t rows, std::int64_t columns) {
    std::vector<float> values(rows * columns);
    for (float& value : values) value = normal(random);
    return graph::Tensor(rows == 1 ? graph::Shape{columns} : graph::Shape{rows, columns}, values);
  };
  graph::Graph graph;
  graph.name = "mlp";
  graph.inputs = {{"seen", {-1, exits}}};
  graph.outputs = {"scores"};
  graph.initializers["a"] = drawn(exits, hidden);
  graph.initializers["a0"] = drawn(1, hidden);
  graph.initializers["b"] = drawn(hidden, exits);
  graph.initializers["b0"] = drawn(1, exits);
  graph.nodes = {graph::Node{"Gemm", "first", {"seen", "a", "a0"}, {"h"}, {}},
                 graph::Node{"Relu", "relu", {"h"}, {"r"}, {}},
                 graph::Node{"Gemm", "second", {"r", "b", "b0"}, {"scores"}, {}}};
  return graph;
}

}  // namespace einet::predict
