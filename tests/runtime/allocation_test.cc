// A session in steady state does not allocate. This program counts the calls of the whole malloc family, and links
// einet::pool_new, so that operator new is oneDNN's pool or malloc.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <thread>
#include <tuple>
#include <vector>

#include "einet/session.h"
#include "malloc_calls.h"
#include "runtime/model_parts.h"
#include "runtime/small_bundle.h"

namespace einet {
namespace {

/// Allocations of the whole process while `work` runs, on any thread.
template <class Work>
int allocations_of(const Work& work) {
  count_malloc_calls();
  work();
  return static_cast<int>(counted_malloc_calls());
}

int* volatile kept = nullptr;  // Stores to it are not optimised away.

TEST(Allocation, CountsAllocations) {
  EXPECT_EQ(allocations_of([] {
              kept = new int(1);
              delete kept;
            }),
            1);
  EXPECT_EQ(allocations_of([] {
              void* block = nullptr;
              ASSERT_EQ(posix_memalign(&block, 64, 100), 0);
              free(block);
              block = realloc(calloc(3, 5), 100);
              kept = static_cast<int*>(block);
              free(block);
            }),
            3);
  EXPECT_GE(allocations_of([] {  // Of other threads too.
              std::thread([] {
                kept = new int(1);
                delete kept;
              }).join();
            }),
            2);
}

/// What is published, and the number of lanes.
class SteadyState : public ::testing::TestWithParam<std::tuple<Publish, int>> {};

TEST_P(SteadyState, AllocatesNothing) {
  constexpr int kExits = 5;
  bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.7);
  bundle.combination =
      predict::CombinationWeights{.keep = std::vector<double>(kExits, 0.5), .add = std::vector<double>(kExits, 1.0)};
  const auto [publish, lanes] = GetParam();
  const auto model = make_model(bundle, {.branch_lane = lanes == 2});
  ASSERT_GT(model->new_policy()->begin().count(), 1);
  ASSERT_TRUE(model->new_policy()->replans());  // Predictor and planner are counted too.
  SessionOptions options;
  options.publish = publish;
  options.branch_lane = lanes == 2;
  options.initial = Initial::kPrevious;
  options.probabilities = true;
  Session session(model, options);
  std::vector<float> image(model->input_size());
  testing::small_image(1, image);

  std::uint64_t number = 0;
  int finished = 0, interrupted = 0, planned = 0;
  const int count = allocations_of([&] {
    for (int run = 0; run < 200; ++run) {
      switch (run % 4) {
        case 0:  // Runs to the end.
          session.start(image);
          session.wait();
          break;
        case 1:  // Cut off by the caller.
          number = session.start(image);
          while (!session.latest(number).exists() && session.state() == RunState::kRunning) {
          }
          session.interrupt();
          session.wait();
          break;
        case 2:  // Cut off by its deadline.
          session.start(image, Seconds(1e-6 * run));
          session.wait();
          break;
        case 3:  // Cut off by the next start.
          session.start(image);
          session.start(image, Seconds(1.0));
          session.wait();
          break;
      }
      finished += session.state() == RunState::kFinished;
      interrupted += session.state() == RunState::kInterrupted;
      for (const TraceEvent& event : session.trace()) planned += event.kind == plan::BlockKind::kPlanning;
    }
  });
  EXPECT_EQ(count, 0);
  EXPECT_GE(finished, 100);
  EXPECT_GT(interrupted, 0);
  EXPECT_GT(planned, 0);
}

INSTANTIATE_TEST_SUITE_P(Publish, SteadyState,
                         ::testing::Combine(::testing::Values(Publish::kLatest, Publish::kMostConfident,
                                                              Publish::kCombined),
                                            ::testing::Values(1, 2)));

}  // namespace
}  // namespace einet
