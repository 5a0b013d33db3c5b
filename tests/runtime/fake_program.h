#pragma once

#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "einet/time.h"
#include "exec/program.h"
#include "runtime/model_parts.h"

namespace einet::testing {

/// A network that computes nothing but takes time: each part consists of primitives that spin for a while. The input
/// is one pixel; exit i answers with label (pixel + i) % 10, by default with rising confidence.
class FakeProgram final : public exec::Program {
 public:
  static constexpr int kClasses = 10;

  FakeProgram(int exits, std::chrono::nanoseconds primitive, int primitives, std::vector<float> logits = {})
      : primitive_(primitive), count_(primitives), logits_(std::move(logits)) {
    for (int i = static_cast<int>(logits_.size()); i < exits; ++i)
      logits_.push_back(1.0f + 0.1f * static_cast<float>(i));
    for (int i = 0; i < exits; ++i) {
      blocks_.push_back({.output = "exit" + std::to_string(i + 1), .conv_part = {2 * i}, .branch = {2 * i + 1}});
      outputs_.push_back(kClasses);
    }
    input_shape_ = {1, 1, 1, 1};
    branch_lane_ = true;  // Parts only read the pixel, and write to different memory.
  }

  /// Branches of this exit and later ones report an error.
  void fail_at(int exit) { failing_ = exit; }
  static int label(float pixel, int exit) { return (static_cast<int>(pixel) + exit) % kClasses; }
  double part_seconds() const { return Seconds(primitive_).count() * count_; }
  std::vector<std::string> implementations() const override { return {}; }

  std::unique_ptr<exec::Execution> new_execution() const override { return std::make_unique<FakeExecution>(*this); }

 private:
  class FakeExecution final : public exec::Execution {
   public:
    explicit FakeExecution(const FakeProgram& program)
        : program_(program), output_(program.exits(), std::vector<float>(kClasses)) {}

    void set_input(std::span<const float> input) noexcept override { pixel_ = input[0]; }
    exec::PartEnd run_conv_part(int, exec::StopSignal stop) noexcept override { return spin(stop); }
    exec::PartEnd run_branch(int i, exec::StopSignal stop) noexcept override {
      for (float& value : output_[i]) value = 0.0f;
      output_[i][label(pixel_, i)] = program_.logits_[i];
      return i >= program_.failing_ ? exec::PartEnd::kFailed : spin(stop);
    }
    std::span<const float> output(int i) const noexcept override { return output_[i]; }

   private:
    exec::PartEnd spin(exec::StopSignal stop) noexcept {
      for (int k = 0; k < program_.count_; ++k) {
        if (stop.raised()) return exec::PartEnd::kStopped;
        const auto until = Clock::now() + program_.primitive_;
        while (Clock::now() < until) {
        }
      }
      return stop.raised() ? exec::PartEnd::kStopped : exec::PartEnd::kDone;
    }

    const FakeProgram& program_;
    float pixel_ = 0.0f;
    std::vector<std::vector<float>> output_;
  };

  std::chrono::nanoseconds primitive_;
  int count_;
  int failing_ = std::numeric_limits<int>::max();
  std::vector<float> logits_;  ///< Of the label, by exit; those of other labels are 0.
};

/// A model of this program that executes every exit, unless `policy` is given.
inline std::shared_ptr<const Model> fake_model(std::shared_ptr<const FakeProgram> program, PolicyFactory policy = {}) {
  const int exits = program->exits();
  ModelParts parts;
  parts.times.conv.assign(exits, program->part_seconds());
  parts.times.branch = parts.times.conv;
  parts.program = std::move(program);
  parts.policy = policy ? policy : [exits] { return fixed_policy(plan::ExitPlan::all(exits)); };
  return Model::make(std::move(parts));
}

inline std::shared_ptr<const Model> fake_model(int exits, std::chrono::nanoseconds primitive, int primitives = 2,
                                               PolicyFactory policy = {}) {
  return fake_model(std::make_shared<FakeProgram>(exits, primitive, primitives), std::move(policy));
}

}  // namespace einet::testing
