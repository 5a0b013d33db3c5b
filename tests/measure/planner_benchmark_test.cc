#include "measure/planner_benchmark.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace einet::measure {
namespace {

TEST(PlannerBenchmark, MeasuresEveryPlannerAgainstTheOptimum) {
  PlannerBenchmarkOptions options;
  options.instances = 40;
  options.hybrid = {1, 2, 6, 9};
  const PlannerBenchmark result = benchmark_planners(6, options);
  EXPECT_EQ(result.exits, 6);
  EXPECT_EQ(result.instances, 40);
  EXPECT_FALSE(result.from_profile);
  EXPECT_GT(result.exact_us, 0.0);
  EXPECT_GT(result.suffix_us, 0.0);
  EXPECT_GT(result.expectation_ns, 0.0);
  EXPECT_EQ(result.exact_max_gap, 0.0);
  ASSERT_EQ(result.hybrid.size(), 3u);  // Fewer than nine exits, so m = 9 is skipped.
  EXPECT_EQ(result.hybrid[1].m, 2);
  EXPECT_EQ(result.hybrid[1].name, "hybrid-2");
  EXPECT_EQ(result.hybrid[1].instances, 40);
  EXPECT_NEAR(result.hybrid[2].max_gap, 0.0, 1e-12);  // m = n tries all plans.
  EXPECT_LE(result.hybrid[1].mean_gap, result.greedy.mean_gap + 1e-3);
  for (const PlannerMeasurement& other : result.others) {
    EXPECT_GE(other.max_gap, other.mean_gap);
    EXPECT_GE(other.mean_gap, -1e-12);
  }
  EXPECT_TRUE(result.speedup_over_hybrid(2).has_value());
  EXPECT_FALSE(result.speedup_over_hybrid(3).has_value());
}

TEST(PlannerBenchmark, SkipsPlannersThatWouldNotFinish) {
  PlannerBenchmarkOptions options;
  options.instances = 2;
  options.hybrid = {1, 50};
  options.seconds_per_planner = 0.2;
  EXPECT_EQ(benchmark_planners(100, options).hybrid.size(), 1u);
}

TEST(PlannerBenchmark, UsesInstancesOfAProfile) {
  PlannerInstances given;
  given.times = {{1e-3, 1e-3, 1e-3}, {1e-4, 1e-4, 1e-4}, {1e-5, 1e-5, 1e-5}};
  given.scores = {{0.3, 0.6, 0.9}, {0.5, 0.4, 0.7}};
  PlannerBenchmarkOptions options;
  options.instances = 10;
  options.distribution = "gaussian:0.5,1";
  const PlannerBenchmark result = benchmark_planners(3, options, &given);
  EXPECT_TRUE(result.from_profile);
  EXPECT_EQ(result.greedy.instances, 10);

  given.scores.push_back({0.5});
  expect_error(ErrorKind::kInvalidData, "3 exits", [&] { benchmark_planners(3, options, &given); });
  expect_error(ErrorKind::kUsage, "1024", [&] { benchmark_planners(0, options); });
  options.distribution = "gausian:0.5,1";
  expect_error(ErrorKind::kUsage, "gaussian", [&] { benchmark_planners(3, options); });
}

}  // namespace
}  // namespace einet::measure
