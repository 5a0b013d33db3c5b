// Branches on a second thread: the memory plan, and results with real threads and any delay between the lanes.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <random>
#include <set>
#include <thread>

#include "exec/layout/lane_memory.h"
#include "exec/lowering/fuse.h"
#include "exec/lowering/lower.h"
#include "exec/networks.h"
#include "exec/runs.h"
#include "expect_error.h"
#include "zoo/zoo.h"

namespace einet::exec {
namespace {

/// The buffers that an operation uses.
std::set<int> buffers_of(const PlacedOperation& operation) {
  std::set<int> buffers;
  for (const View& view : operation.inputs) buffers.insert(view.buffer);
  buffers.insert(operation.residual.buffer);
  buffers.insert(operation.output.buffer);
  buffers.erase(-1);
  return buffers;
}

/// Whether operation `a` is certain to end before `b` begins.
bool precedes(const Layout& layout, std::size_t a, std::size_t b) {
  const int part_a = layout.operations[a].operation.part, part_b = layout.operations[b].operation.part;
  if (part_a % 2 == part_b % 2) return a < b;
  return part_a % 2 == 0 && part_a / 2 <= part_b / 2;  // A branch follows its conv part; nothing follows a branch.
}

/// The definition: buffers in the same place are used one after the other, whatever the lanes' speeds.
void expect_safe(const Layout& layout, const MemoryPlan& plan) {
  const std::size_t count = layout.buffers.size();
  std::vector<std::vector<std::size_t>> uses(count);
  for (std::size_t i = 0; i < layout.operations.size(); ++i) {
    for (const int buffer : buffers_of(layout.operations[i])) uses[static_cast<std::size_t>(buffer)].push_back(i);
  }
  const auto bytes = [&](std::size_t b) { return layout.buffers[b].floats * static_cast<std::int64_t>(sizeof(float)); };
  const auto all_before = [&](std::size_t a, std::size_t b) {
    for (const std::size_t use : uses[a]) {
      for (const std::size_t later : uses[b]) {
        if (!precedes(layout, use, later)) return false;
      }
    }
    return true;
  };
  for (std::size_t a = 0; a < count; ++a) {
    if (uses[a].empty() && !layout.buffers[a].persistent) continue;
    EXPECT_LE(plan.offsets[a] + bytes(a), plan.bytes);
    for (std::size_t b = 0; b < a; ++b) {
      if (uses[b].empty() && !layout.buffers[b].persistent) continue;
      const bool apart = plan.offsets[a] + bytes(a) <= plan.offsets[b] || plan.offsets[b] + bytes(b) <= plan.offsets[a];
      if (apart) continue;
      EXPECT_FALSE(layout.buffers[a].persistent || layout.buffers[b].persistent) << a << " and " << b;
      EXPECT_TRUE(all_before(a, b) || all_before(b, a)) << a << " and " << b;
    }
  }
}

Layout laid_out(const graph::Graph& graph) {
  Network network = lower(prepare(graph, 1));
  fuse(network);
  return place(std::move(network));
}

TEST(LaneMemory, BuffersInOnePlaceAreUsedOneAfterTheOther) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    const Layout layout = laid_out(random_network(seed));
    expect_safe(layout, plan_lane_memory(layout));
  }
  for (const char* name : {"b-alexnet", "msdnet21-small", "resnet50-small"}) {
    SCOPED_TRACE(name);
    const Layout layout = laid_out(zoo::build(name, {}));
    const MemoryPlan plan = plan_lane_memory(layout);
    expect_safe(layout, plan);
    std::int64_t together = 0;
    for (const Buffer& buffer : layout.buffers) together += buffer.floats * static_cast<std::int64_t>(sizeof(float));
    EXPECT_LT(plan.bytes, together) << "memory is reused";
  }
}

/// Runs branches on a second thread, where each begins after a random delay.
Outputs run_on_two_threads(const Program& program, Execution& execution, const std::vector<float>& input,
                           const std::vector<bool>& planned, std::uint64_t seed) {
  execution.set_input(input);
  std::atomic<int> passed{0};
  std::thread branches([&] {
    std::mt19937_64 random(seed);
    for (int i = 0; i < program.exits(); ++i) {
      while (passed.load(std::memory_order_acquire) <= i) std::this_thread::yield();
      if (!planned[static_cast<std::size_t>(i)]) continue;
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 200));
      EXPECT_EQ(execution.run_branch(i, kNeverStop), PartEnd::kDone);
    }
  });
  for (int i = 0; i < program.exits(); ++i) {
    EXPECT_EQ(execution.run_conv_part(i, kNeverStop), PartEnd::kDone);
    passed.store(i + 1, std::memory_order_release);
  }
  branches.join();
  Outputs outputs(static_cast<std::size_t>(program.exits()));
  for (int i = 0; i < program.exits(); ++i) {
    if (!planned[static_cast<std::size_t>(i)]) continue;
    const auto output = execution.output(i);
    outputs[static_cast<std::size_t>(i)].assign(output.begin(), output.end());
  }
  return outputs;
}

void expect_same_results(const graph::Graph& graph, int rounds) {
  const auto one = compile(graph), two = compile(graph, {.branch_lane = true});
  EXPECT_FALSE(one->branch_lane());
  EXPECT_TRUE(two->branch_lane());
  const auto execution = two->new_execution();
  for (int round = 0; round < rounds; ++round) {
    const auto seed = static_cast<std::uint64_t>(round);
    const std::vector<float> input = random_input(*one, seed);
    const std::vector<bool> planned =
        round == 0 ? std::vector<bool>(static_cast<std::size_t>(one->exits()), true) : random_plan(*one, seed);
    const Outputs expected = run(*one, *one->new_execution(), input, planned);
    EXPECT_EQ(run_on_two_threads(*two, *execution, input, planned, seed), expected) << round;
    // All branches after all conv parts: the values at the forks are kept.
    execution->set_input(input);
    for (int i = 0; i < two->exits(); ++i) execution->run_conv_part(i, kNeverStop);
    for (int i = 0; i < two->exits(); ++i) {
      if (!planned[static_cast<std::size_t>(i)]) continue;
      execution->run_branch(i, kNeverStop);
      const auto output = execution->output(i);
      EXPECT_EQ(std::vector<float>(output.begin(), output.end()), expected[static_cast<std::size_t>(i)]) << round;
    }
  }
}

TEST(BranchLane, GivesTheSameResultsBitForBit) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(seed);
    expect_same_results(random_network(seed), 4);
  }
  for (const char* name : {"b-alexnet", "msdnet21-small"}) {
    SCOPED_TRACE(name);
    graph::Graph graph = zoo::build(name, {});
    randomise_weights(graph, 1);
    expect_same_results(graph, 3);
  }
}

TEST(BranchLane, NeedsOneThreadPerLane) {
  expect_error(ErrorKind::kUsage, "second thread",
               [] { compile(random_network(1), {.threads = 2, .branch_lane = true}); });
}

}  // namespace
}  // namespace einet::exec
