#include "measure/executor_benchmark.h"

#include <gtest/gtest.h>

#include "expect_error.h"
#include "graph/builder.h"
#include "measure/peak.h"

namespace einet::measure {
namespace {

// conv of 2*8*8*9*4 = 4608, branch of 4*3; then a conv of 4*8*8*9*4 = 9216 and a branch of 12, in the last branch.
graph::Graph two_exits() {
  graph::Builder build("two", 2, 8, 8, 1);
  std::string x = build.input();
  for (const std::string number : {"1", "2"}) {
    x = build.conv(x, 4, {}, "conv" + number);
    build.exit(build.linear(build.flatten(build.global_average_pool(x, "pool" + number), "flat" + number), 3,
                            "linear" + number));
  }
  return std::move(build).build();
}

TEST(ExecutorBenchmark, CountsAndTimesEveryPart) {
  const exec::CompileOptions compile{.batch = 2};
  const auto program = exec::compile(two_exits(), compile);
  const auto b = benchmark_executor(two_exits(), compile, *program,
                                    {.warm_up = Seconds(0), .budget = Seconds(0), .min_samples = 7, .stops = 3});
  EXPECT_EQ(b.samples, 7);
  ASSERT_EQ(b.conv.size(), 2u);
  EXPECT_EQ(b.conv[0].macs, 2 * 4608);
  EXPECT_EQ(b.branch[0].macs, 2 * 12);
  EXPECT_EQ(b.conv[1].macs, 0);
  EXPECT_EQ(b.branch[1].macs, 2 * (9216 + 12));
  EXPECT_EQ(b.total.macs, 2 * (4608 + 12 + 9216 + 12));
  EXPECT_GT(b.total.time.p50, 0.0);
  EXPECT_LE(b.fastest_seconds, b.total.time.p50);
  EXPECT_LE(b.total.time.p50, b.total.time.p99);
  EXPECT_GT(b.one_block_seconds, 0.0);
  EXPECT_GT(b.stop.p50, 0.0);
  EXPECT_EQ(b.arena_bytes, program->arena_bytes());
  EXPECT_GT(b.arena_bytes, 0);
  EXPECT_FALSE(b.heap_calls.has_value()) << "this program does not count heap calls";
}

TEST(ExecutorBenchmark, RejectsZeroSamples) {
  const auto program = exec::compile(two_exits());
  expect_error(ErrorKind::kUsage, "at least one sample",
               [&] { benchmark_executor(two_exits(), {}, *program, {.min_samples = 0}); });
}

TEST(Peak, IsPlausible) { EXPECT_GT(peak_flops(), 1e6); }

}  // namespace
}  // namespace einet::measure
