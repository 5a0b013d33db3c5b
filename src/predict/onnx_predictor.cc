// A CS-Predictor is an ordinary network: a graph [N,n] -> [N,n], compiled by the block executor with batch size 1. It
// has one output, so it partitions into one block that consists of a branch only.

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "einet/error.h"
#include "exec/program.h"
#include "graph/shape_inference.h"
#include "predict/mask.h"
#include "predict/predictor.h"

namespace einet::predict {
namespace {

class OnnxPredictor final : public Predictor {
 public:
  explicit OnnxPredictor(std::shared_ptr<const exec::Program> program)
      : program_(std::move(program)), execution_(program_->new_execution()), input_(program_->input_size()) {}

  int exits() const noexcept override { return static_cast<int>(input_.size()); }

  void predict(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
               std::span<double> scores) noexcept override {
    encode_seen(confidence, executed, exit, input_);
    execution_->set_input(input_);
    execution_->run_conv_part(0, exec::kNeverStop);
    execution_->run_branch(0, exec::kNeverStop);
    const std::span<const float> output = execution_->output(0);
    for (std::size_t j = 0; j < input_.size(); ++j) scores[j] = to_unit(output[j]);
    mask_seen(confidence, executed, exit, scores);
  }

  std::unique_ptr<Predictor> clone() const override { return std::make_unique<OnnxPredictor>(program_); }

 private:
  std::shared_ptr<const exec::Program> program_;
  std::unique_ptr<exec::Execution> execution_;
  std::vector<float> input_;
};

}  // namespace

int predictor_exits(const graph::Graph& graph) {
  const auto fail = [&](const std::string& fault) {
    throw Error(ErrorKind::kInvalidData, "predictor " + graph.name, fault);
  };
  if (graph.inputs.size() != 1 || graph.outputs.size() != 1) {
    fail("needs one input and one output, has " + std::to_string(graph.inputs.size()) + " and " +
         std::to_string(graph.outputs.size()));
  }
  const graph::Shapes shapes = graph::infer_shapes(graph, 1);
  const graph::Shape& input = shapes.at(graph.inputs.front().name);
  const graph::Shape& output = shapes.at(graph.outputs.front());
  if (input.size() != 2 || input[0] != 1 || input[1] < 1 || input[1] > plan::kMaxExits || output != input) {
    fail("must map [N,n] to [N,n], maps " + graph::to_string(input) + " to " + graph::to_string(output));
  }
  return static_cast<int>(input[1]);
}

std::unique_ptr<Predictor> onnx_predictor(const graph::Graph& graph) {
  predictor_exits(graph);
  return std::make_unique<OnnxPredictor>(exec::compile(graph, {.batch = 1}));
}

}  // namespace einet::predict
