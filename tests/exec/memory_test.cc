// Memory for weights and activations: aligned, disjoint, fully usable.

#include "exec/memory.h"

#include <gtest/gtest.h>

#include <cstring>

#include "einet/error.h"
#include "exec/layout/memory_plan.h"
#include "exec/memory_limit.h"

namespace einet::exec {
namespace {

std::uintptr_t address(const void* place) { return reinterpret_cast<std::uintptr_t>(place); }

TEST(Memory, IsAlignedAndWritableFromEndToEnd) {
  for (const std::int64_t bytes :
       {std::int64_t{1}, std::int64_t{4097}, std::int64_t{2} << 20, std::int64_t{5'000'001}}) {
    const Memory memory = allocate(bytes);
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(address(memory.get()) % kAlignment, 0u) << bytes;
    std::memset(memory.get(), 1, static_cast<std::size_t>(bytes));
  }
}

TEST(WeightStore, KeepsTheOrderAndLeavesNoGaps) {
  WeightStore store;
  const auto first = address(store.take(4));
  EXPECT_EQ(first % kAlignment, 0u);
  EXPECT_EQ(address(store.take(65)), first + 64);
  EXPECT_EQ(address(store.take_floats(16)), first + 192);
  EXPECT_EQ(address(store.take(1)), first + 256);
}

TEST(WeightStore, GrowsWithoutMovingAnything) {
  WeightStore store;
  auto* early = static_cast<char*>(store.take(8));
  std::memcpy(early, "weights", 8);
  const std::int64_t large = std::int64_t{100} << 20;  // More than it takes from the system at once.
  auto* late = static_cast<char*>(store.take(large));
  late[0] = late[large - 1] = 1;
  EXPECT_EQ(address(late) % kAlignment, 0u);
  EXPECT_STREQ(early, "weights");
}

TEST(MemoryLimit, RejectsOnlyLargerNetworks) {
  constexpr std::int64_t kMebi = std::int64_t{1} << 20;
  check_memory("net", 2 * kMebi, 2 * kMebi);
  try {
    check_memory("net", 2 * kMebi + 1, 2 * kMebi);
    FAIL() << "was not rejected";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUnsupported);
    EXPECT_STREQ(error.what(), "net: needs 3 MiB for its weights and values, more than the 2 MiB available");
  }
  EXPECT_GT(memory_limit(), kMebi);  // This test itself needs more.
}

}  // namespace
}  // namespace einet::exec
