// Beliefs are updated between the blocks of a run, where allocations are not allowed.

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

#include "allocation_count.h"
#include "exec/program.h"
#include "fit/beliefs.h"
#include "predict/belief.h"
#include "predict/mean_predictor.h"
#include "predict/networks.h"
#include "predict/samples.h"

namespace einet::predict {
namespace {

constexpr int kExits = 6;
constexpr int kRuns = 10;

/// Allocations of runs through all exits, after one that warms up.
long allocations_of_runs(std::unique_ptr<Predictor> predictor) {
  const profile::CsProfile profile = synthetic_samples(200, kExits, 1);
  const auto parameters =
      std::make_shared<const BeliefParameters>(fit::fit_beliefs(profile, *predictor, {.shrinkage = 1.0}));
  Belief belief(parameters, std::move(predictor));
  long before = 0;
  for (int run = 0; run <= kRuns; ++run) {
    if (run == 1) before = allocations();
    belief.reset();
    for (int exit = 0; exit < kExits; ++exit) belief.observe(exit, profile.confidence_at(run, exit));
  }
  return allocations() - before;
}

TEST(Belief, AllocatesNothingWhileRunning) {
  const profile::CsProfile profile = synthetic_samples(200, kExits, 1);
  EXPECT_EQ(allocations_of_runs(mean_predictor(fit::target_means(profile, "confidence"))), 0);
}

/// oneDNN allocates and frees a few small blocks in every call (einet::pool_new avoids even that); beliefs may not add
/// to that.
TEST(Belief, AllocatesNoMoreThanTheExecutorWhileRunning) {
  const graph::Graph graph = mlp(kExits, 16);
  const auto program = exec::compile(graph);
  const auto execution = program->new_execution();
  const std::vector<float> input(kExits, 0.5f);
  long executor = 0;
  for (int run = 0; run < 2; ++run) {
    const long before = allocations();
    execution->set_input(input);
    execution->run_conv_part(0, exec::kNeverStop);
    execution->run_branch(0, exec::kNeverStop);
    executor = allocations() - before;
  }
  EXPECT_EQ(allocations_of_runs(onnx_predictor(graph)), kRuns * kExits * executor);
}

TEST(AllocationCount, Counts) {
  const long before = allocations();
  const auto memory = std::make_unique<int>(1);
  EXPECT_GT(allocations(), before) << "otherwise the tests above are meaningless";
}

}  // namespace
}  // namespace einet::predict
