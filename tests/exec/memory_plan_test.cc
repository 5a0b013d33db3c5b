#include "exec/layout/memory_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace einet::exec {
namespace {

TEST(MemoryPlan, ReusesMemoryOfDeadBuffers) {
  const MemoryPlan plan = plan_memory(std::vector<Lifetime>{{100, 0, 1}, {60, 1, 2}, {50, 2, 3}});
  EXPECT_EQ(plan.offsets, (std::vector<std::int64_t>{0, 128, 0}));
  EXPECT_EQ(plan.bytes, 192);
}

TEST(MemoryPlan, UsesTheTightestGap) {
  const std::vector<Lifetime> buffers = {{640, 0, 1}, {576, 0, 9}, {512, 0, 1}, {448, 0, 9}, {256, 3, 4}};
  const MemoryPlan plan = plan_memory(buffers);
  EXPECT_EQ(plan.offsets, (std::vector<std::int64_t>{0, 640, 1216, 1728, 1216}));
}

TEST(MemoryPlan, IsEmptyWithoutBuffers) {
  EXPECT_EQ(plan_memory({}).bytes, 0);
  EXPECT_EQ(plan_memory(std::vector<Lifetime>{{0, 0, 5}}).bytes, 0);
}

TEST(MemoryPlan, LiveBuffersDoNotOverlap) {
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::vector<Lifetime> buffers;
    const std::size_t count = random() % 30;
    for (std::size_t i = 0; i < count; ++i) {
      const int first = static_cast<int>(random() % 20);
      buffers.push_back(
          {static_cast<std::int64_t>(random() % 1000 + 1), first, first + static_cast<int>(random() % 8)});
    }
    const MemoryPlan plan = plan_memory(buffers);
    std::int64_t together = 0, most = 0;
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_EQ(plan.offsets[i] % kAlignment, 0);
      EXPECT_LE(plan.offsets[i] + buffers[i].bytes, plan.bytes);
      together += (buffers[i].bytes + kAlignment - 1) / kAlignment * kAlignment;
      for (std::size_t j = 0; j < i; ++j) {
        const bool meet = buffers[i].first <= buffers[j].last && buffers[j].first <= buffers[i].last;
        const bool apart = plan.offsets[i] + buffers[i].bytes <= plan.offsets[j] ||
                           plan.offsets[j] + buffers[j].bytes <= plan.offsets[i];
        EXPECT_TRUE(!meet || apart) << i << " and " << j;
      }
    }
    for (int step = 0; step < 30; ++step) {
      std::int64_t live = 0;
      for (const Lifetime& buffer : buffers) live += buffer.first <= step && step <= buffer.last ? buffer.bytes : 0;
      most = std::max(most, live);
    }
    EXPECT_GE(plan.bytes, most);
    EXPECT_LE(plan.bytes, together);
  }
}

}  // namespace
}  // namespace einet::exec
