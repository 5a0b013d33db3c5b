#include "measure/block_times.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "einet/error.h"

namespace einet::measure {
namespace {

/// A network of three exits that records the parts that are run and takes a given time.
class FakeProgram final : public exec::Program {
 public:
  FakeProgram() {
    blocks_.resize(3);
    input_shape_ = {1, 1, 2, 2};
    outputs_ = {10, 10, 10};
  }
  std::unique_ptr<exec::Execution> new_execution() const override;
  std::vector<std::string> implementations() const override { return {}; }

  mutable std::string log;
};

class FakeExecution final : public exec::Execution {
 public:
  explicit FakeExecution(const FakeProgram& program) : program_(program) {}
  void set_input(std::span<const float> input) noexcept override {
    program_.log += "i";
    for (const float value : input) finite_ = finite_ && std::isfinite(value);
    EXPECT_EQ(input.size(), 4u);
    EXPECT_TRUE(finite_);
  }
  exec::PartEnd run_conv_part(int i, exec::StopSignal) noexcept override { return run('c', i, 0); }
  exec::PartEnd run_branch(int i, exec::StopSignal) noexcept override { return run('b', i, i == 1 ? 200 : 0); }
  std::span<const float> output(int) const noexcept override { return {}; }

 private:
  exec::PartEnd run(char kind, int i, int microseconds) noexcept {
    program_.log += kind;
    program_.log += std::to_string(i);
    const auto end = Clock::now() + std::chrono::microseconds(microseconds);
    while (Clock::now() < end) {
    }
    return exec::PartEnd::kDone;
  }
  const FakeProgram& program_;
  bool finite_ = true;
};

std::unique_ptr<exec::Execution> FakeProgram::new_execution() const { return std::make_unique<FakeExecution>(*this); }

class CountingProgress final : public Progress {
 public:
  void update(std::string_view, std::int64_t done, std::int64_t total, std::string_view) override {
    EXPECT_LE(done, total);
    last = done;
  }
  std::int64_t last = 0;
};

TEST(MeasureTimes, RunsAllPartsInOrder) {
  const auto program = std::make_shared<const FakeProgram>();
  CountingProgress progress;
  const profile::EtProfile profile = measure_times(
      program, {.warm_up = Seconds(0), .budget = Seconds(0), .min_samples = 5, .max_samples = 9}, progress);
  EXPECT_EQ(profile.samples, 5);
  EXPECT_EQ(progress.last, 5);
  std::string expected;
  for (int run = 0; run < 3 + 5; ++run) expected += "ic0b0c1b1c2b2";
  EXPECT_EQ(program->log, expected);
}

TEST(MeasureTimes, TimesEachPart) {
  const profile::EtProfile profile =
      measure_times(std::make_shared<const FakeProgram>(),
                    {.warm_up = Seconds(0), .budget = Seconds(10), .min_samples = 1, .max_samples = 20});
  EXPECT_EQ(profile.samples, 20);
  profile.validate("measured");
  ASSERT_EQ(profile.exits(), 3);
  // The second branch waits at least 200 us, even on a busy machine; the overhead of the clock is subtracted.
  EXPECT_GT(profile.branch[1].p10, 190e-6);
  EXPECT_LE(profile.branch[1].p10, profile.branch[1].p90);
  EXPECT_TRUE(profile.planning.empty());
  EXPECT_FALSE(profile.platform.name.empty());
}

TEST(MeasureTimes, RejectsZeroSamples) {
  const auto program = std::make_shared<const FakeProgram>();
  EXPECT_THROW(measure_times(program, {.min_samples = 0}), Error);
  EXPECT_THROW(measure_times(program, {.min_samples = 10, .max_samples = 5}), Error);
}

}  // namespace
}  // namespace einet::measure
