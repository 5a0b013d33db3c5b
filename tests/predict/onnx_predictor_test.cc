#include <gtest/gtest.h>

#include <vector>

#include "expect_error.h"
#include "predict/predictor.h"

namespace einet::predict {
namespace {

using graph::Graph;
using graph::Node;
using graph::Tensor;

/// y = relu(x A) B + c for three exits, small enough for the expected values to be computed by hand.
Graph small_mlp() {
  Graph graph;
  graph.name = "mlp";
  graph.inputs = {{"seen", {-1, 3}}};
  graph.outputs = {"scores"};
  graph.initializers["a"] = Tensor({3, 2}, std::vector<float>{1, -1, 0.5f, 1, 0, 2});
  graph.initializers["zero"] = Tensor({2}, std::vector<float>{0, 0});
  graph.initializers["b"] = Tensor({2, 3}, std::vector<float>{0.5f, 0.25f, 2, 0, 1, -1});
  graph.initializers["c"] = Tensor({3}, std::vector<float>{0, 0.125f, -0.5f});
  graph.nodes = {Node{"Gemm", "first", {"seen", "a", "zero"}, {"h"}, {}}, Node{"Relu", "relu", {"h"}, {"r"}, {}},
                 Node{"Gemm", "second", {"r", "b", "c"}, {"scores"}, {}}};
  return graph;
}

TEST(OnnxPredictor, RunsTheGraphAndMasksExecutedExits) {
  const auto predictor = onnx_predictor(small_mlp());
  ASSERT_EQ(predictor->exits(), 3);
  plan::ExitPlan executed(3);
  executed.insert(0);
  std::vector<double> scores(3);
  // Row (0.5, 0, 0): h = (0.5, -0.5), r = (0.5, 0), y = (0.25, 0.25, 0.5); exit 0 as observed.
  predictor->predict(std::vector<float>{0.5f, 9, 9}, executed, 0, scores);
  EXPECT_EQ(scores[0], 0.5);
  EXPECT_NEAR(scores[1], 0.25, 1e-6);
  EXPECT_NEAR(scores[2], 0.5, 1e-6);
  // Row (0.5, 0.75, 0): h = (0.875, 0.25), y_2 = 1.75 - 0.25 - 0.5 = 1.0; row (1, 1, 0): y_2 = 3 - 0 - 0.5, clamped.
  executed.insert(1);
  predictor->predict(std::vector<float>{0.5f, 0.75f, 9}, executed, 1, scores);
  EXPECT_NEAR(scores[2], 1.0, 1e-6);
  predictor->predict(std::vector<float>{1, 1, 9}, executed, 1, scores);
  EXPECT_EQ(scores[2], 1.0);
}

TEST(OnnxPredictor, ClonesAreIndependent) {
  const auto first = onnx_predictor(small_mlp());
  const auto second = first->clone();
  plan::ExitPlan executed(3);
  executed.insert(0);
  std::vector<double> a(3), b(3);
  first->predict(std::vector<float>{0.5f, 0, 0}, executed, 0, a);
  second->predict(std::vector<float>{0.25f, 0, 0}, executed, 0, b);
  EXPECT_NEAR(a[2], 0.5, 1e-6);
  EXPECT_NEAR(b[2], 0.0, 1e-6);
}

TEST(OnnxPredictor, RejectsOtherShapes) {
  Graph graph = small_mlp();
  EXPECT_EQ(predictor_exits(graph), 3);
  graph.outputs = {"r"};
  graph.nodes.pop_back();
  expect_error(ErrorKind::kInvalidData, "predictor mlp: must map [N,n] to [N,n], maps [1,3] to [1,2]",
               [&] { onnx_predictor(graph); });
  graph = small_mlp();
  graph.outputs = {"scores", "r"};
  expect_error(ErrorKind::kInvalidData, "needs one input and one output, has 1 and 2", [&] { onnx_predictor(graph); });
}

}  // namespace
}  // namespace einet::predict
