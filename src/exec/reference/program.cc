// The reference executor: one loop per node, a separate buffer for every value, NCHW, no fusion. It is slow and
// obviously correct; the tests compare the other executor with it. Sums are computed in double precision.

#include "exec/program.h"

#include <algorithm>
#include <unordered_map>

#include "exec/memory_limit.h"
#include "exec/prepared_graph.h"
#include "exec/reference/loop.h"

namespace einet::exec {
namespace {

struct LoopCall {
  std::string node;
  Loop loop;
  std::vector<int> inputs;  ///< Numbers of values; -1 if absent.
  int output;
};

class ReferenceProgram;

class ReferenceExecution final : public Execution {
 public:
  explicit ReferenceExecution(const ReferenceProgram& program);
  void set_input(std::span<const float> input) noexcept override;
  PartEnd run_conv_part(int i, StopSignal stop) noexcept override;
  PartEnd run_branch(int i, StopSignal stop) noexcept override;
  std::span<const float> output(int i) const noexcept override;

 private:
  struct BoundStep {
    const Loop* loop;
    std::vector<const float*> inputs;
    float* output;
  };
  PartEnd run(const std::vector<BoundStep>& steps, StopSignal stop) noexcept;
  std::vector<BoundStep> bind(const std::vector<LoopCall>& steps);

  const ReferenceProgram& program_;
  std::vector<std::vector<float>> values_;  // Empty for constants, which are in the graph.
  std::vector<std::vector<BoundStep>> conv_parts_, branches_;
};

class ReferenceProgram final : public Program {
 public:
  ReferenceProgram(PreparedGraph prepared, bool branch_lane) : prepared_(std::move(prepared)) {
    branch_lane_ = branch_lane;  // Every value has memory of its own.
    blocks_ = prepared_.blocks;
    input_shape_ = prepared_.input_shape;
    outputs_ = prepared_.outputs;
    std::int64_t bytes = 0;
    for (const auto& [value, shape] : prepared_.shapes) {
      bytes += graph::element_count(shape) * static_cast<std::int64_t>(sizeof(float));
    }
    check_memory(prepared_.graph.name, bytes);
    input_ = number(prepared_.input);
    for (const graph::Block& block : blocks_) {
      conv_parts_.push_back(steps(block.conv_part));
      branches_.push_back(steps(block.branch));
      exits_.push_back(number(block.output));
    }
  }

  std::unique_ptr<Execution> new_execution() const override { return std::make_unique<ReferenceExecution>(*this); }

  std::vector<std::string> implementations() const override {
    std::vector<std::string> lines;
    for (int i = 0; i < exits(); ++i) {
      for (const LoopCall& step : conv_parts_[i]) lines.push_back(step.node + ": plain loops");
      for (const LoopCall& step : branches_[i]) lines.push_back(step.node + ": plain loops");
    }
    return lines;
  }

 private:
  friend class ReferenceExecution;

  int number(const std::string& value) {
    const auto [found, added] = numbers_.emplace(value, static_cast<int>(names_.size()));
    if (added) names_.push_back(value);
    return found->second;
  }

  std::vector<LoopCall> steps(const std::vector<int>& nodes) {
    std::vector<LoopCall> result;
    for (const int index : nodes) {
      const graph::Node& node = prepared_.graph.nodes[index];
      Operands operands{prepared_.graph, node, {}, prepared_.shapes.at(node.outputs.front())};
      LoopCall step{node.name, {}, {}, number(node.outputs.front())};
      for (const std::string& input : node.inputs) {
        operands.inputs.push_back(input.empty() ? graph::Shape{} : prepared_.shapes.at(input));
        step.inputs.push_back(input.empty() ? -1 : number(input));
      }
      step.loop = make_loop(operands);
      result.push_back(std::move(step));
    }
    return result;
  }

  PreparedGraph prepared_;
  std::unordered_map<std::string, int> numbers_;
  std::vector<std::string> names_;
  int input_ = 0;
  std::vector<int> exits_;
  std::vector<std::vector<LoopCall>> conv_parts_, branches_;
};

ReferenceExecution::ReferenceExecution(const ReferenceProgram& program) : program_(program) {
  for (const std::string& name : program.names_) {
    const bool constant = program.prepared_.graph.constant(name) != nullptr;
    values_.emplace_back(constant ? 0 : graph::element_count(program.prepared_.shapes.at(name)));
  }
  for (int i = 0; i < program.exits(); ++i) {
    conv_parts_.push_back(bind(program.conv_parts_[i]));
    branches_.push_back(bind(program.branches_[i]));
  }
}

std::vector<ReferenceExecution::BoundStep> ReferenceExecution::bind(const std::vector<LoopCall>& steps) {
  std::vector<BoundStep> bound;
  for (const LoopCall& step : steps) {
    BoundStep next{&step.loop, {}, values_[step.output].data()};
    for (const int input : step.inputs) {
      const graph::Tensor* constant = input < 0 ? nullptr : program_.prepared_.graph.constant(program_.names_[input]);
      if (constant != nullptr) {
        next.inputs.push_back(constant->is_float() ? constant->floats().data() : nullptr);
      } else {
        next.inputs.push_back(input < 0 ? nullptr : values_[input].data());
      }
    }
    bound.push_back(std::move(next));
  }
  return bound;
}

void ReferenceExecution::set_input(std::span<const float> input) noexcept {
  std::vector<float>& value = values_[program_.input_];
  std::copy_n(input.begin(), std::min(input.size(), value.size()), value.begin());
}

PartEnd ReferenceExecution::run(const std::vector<BoundStep>& steps, StopSignal stop) noexcept {
  for (const BoundStep& step : steps) {
    if (stop.raised()) return PartEnd::kStopped;
    (*step.loop)(step.inputs, step.output);
  }
  return PartEnd::kDone;
}

PartEnd ReferenceExecution::run_conv_part(int i, StopSignal stop) noexcept { return run(conv_parts_[i], stop); }

PartEnd ReferenceExecution::run_branch(int i, StopSignal stop) noexcept { return run(branches_[i], stop); }

std::span<const float> ReferenceExecution::output(int i) const noexcept { return values_[program_.exits_[i]]; }

}  // namespace

std::shared_ptr<const Program> compile_reference(const graph::Graph& graph, const CompileOptions& options) {
  return std::make_shared<ReferenceProgram>(prepare(graph, options.batch), options.branch_lane);
}

}  // namespace einet::exec
