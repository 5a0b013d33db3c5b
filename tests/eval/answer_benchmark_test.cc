#include "eval/answer_benchmark.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "exec/program.h"
#include "runtime/fake_program.h"
#include "runtime/model_parts.h"
#include "runtime/small_bundle.h"

namespace einet::eval {
namespace {

using namespace std::chrono_literals;

TEST(AnswerBenchmark, QuantilesAreValuesOfTheirRank) {
  std::vector<double> values(1000);
  std::iota(values.rbegin(), values.rend(), 1.0);
  const TimeQuantiles times = time_quantiles(values);
  EXPECT_EQ(times.samples, 1000);
  EXPECT_EQ(times.median, 500.0);
  EXPECT_EQ(times.p99, 990.0);
  EXPECT_EQ(times.p999, 999.0);
  EXPECT_EQ(times.most, 1000.0);
  EXPECT_EQ(time_quantiles({7.0}).median, 7.0);
  EXPECT_EQ(time_quantiles({7.0}).p999, 7.0);
  EXPECT_EQ(time_quantiles({}).samples, 0);
}

TEST(AnswerBenchmark, MeasuresTheSlot) {
  const SlotTimes times = measure_slot(200);
  for (const TimeQuantiles& each : {times.publish, times.read_warm, times.read_cold}) {
    EXPECT_EQ(each.samples, 200);
    EXPECT_GT(each.most, 0.0);
    EXPECT_LT(each.most, 10.0);  // A failed read is infinite.
    EXPECT_LE(each.median, each.p99);
    EXPECT_LE(each.p99, each.p999);
    EXPECT_LE(each.p999, each.most);
  }
  EXPECT_GT(times.mutex_write, 0.0);
  EXPECT_GT(times.mutex_read, 0.0);
}

TEST(AnswerBenchmark, CutsOffRuns) {
  const auto model = testing::fake_model(10, 100us);
  const CutOffTimes times = measure_cut_offs(model, 41);
  EXPECT_EQ(times.interrupts, 21);
  EXPECT_EQ(times.deadlines, 20);
  EXPECT_EQ(times.faults(), 0);
  EXPECT_GT(times.interrupt_to_idle.samples, 5);
  EXPECT_LE(times.interrupt_to_idle.samples, 21);
  EXPECT_GT(times.deadline_to_idle.samples, 5);
  EXPECT_LE(times.deadline_to_idle.samples, 20);
  EXPECT_GT(times.interrupt_to_idle.median, 0.0);
  EXPECT_GT(times.deadline_to_idle.median, 0.0);
  EXPECT_EQ(times.longest_step, 0.0);  // Of programs made by exec::compile() only.
}

TEST(AnswerBenchmark, FindsTheLongestStepOfANetwork) {
  const auto program = exec::compile(testing::small_network(3));
  const std::vector<double> steps = exec::step_seconds(*program, 3);
  EXPECT_EQ(steps.size(), program->implementations().size());
  for (const double each : steps) {
    EXPECT_GT(each, 0.0);
    EXPECT_LT(each, 1.0);
  }
}

}  // namespace
}  // namespace einet::eval
