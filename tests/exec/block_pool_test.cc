#include "exec/block_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <set>
#include <thread>
#include <vector>

namespace einet::exec {
namespace {

struct Lease {
  BlockPool* pool = BlockPool::lease();
  ~Lease() {
    if (pool != nullptr) pool->give_back();
  }
};

TEST(BlockPool, BlocksAreDisjointAlignedAndReused) {
  const Lease lease;
  const PoolScope scope(lease.pool);
  std::vector<char*> blocks;
  for (const std::size_t bytes : {1u, 64u, 65u, 100u, 200u, 500u, 1000u, 1024u}) {
    auto* block = static_cast<char*>(lease.pool->allocate(bytes));
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % BlockPool::kBlockAlignment, 0u);
    std::memset(block, static_cast<int>(blocks.size()), bytes);
    blocks.push_back(block);
  }
  for (std::size_t i = 0; i < blocks.size(); ++i) EXPECT_EQ(blocks[i][0], static_cast<char>(i));
  void* last = blocks.back();
  for (char* block : blocks) BlockPool::release(block);
  EXPECT_EQ(lease.pool->allocate(1024), last);
  BlockPool::release(last);
}

TEST(BlockPool, RejectsTooLargeAndTooManyBlocks) {
  const Lease lease;
  const PoolScope scope(lease.pool);
  const std::int64_t before = BlockPool::refusals();
  EXPECT_EQ(lease.pool->allocate(BlockPool::kLargestBlock + 1), nullptr);
  EXPECT_EQ(BlockPool::refusals(), before + 1);
  std::set<void*> blocks;
  while (void* block = lease.pool->allocate(1024)) EXPECT_TRUE(blocks.insert(block).second);
  EXPECT_EQ(BlockPool::refusals(), before + 2);
  EXPECT_GE(blocks.size(), 4u);
  for (void* block : blocks) BlockPool::release(block);
}

TEST(BlockPool, RecognisesItsBlocks) {
  int local = 0;
  const auto heap = std::make_unique<int>(0);
  EXPECT_FALSE(BlockPool::owns(&local));
  EXPECT_FALSE(BlockPool::owns(heap.get()));
  EXPECT_FALSE(BlockPool::owns(nullptr));
}

TEST(BlockPool, LeasesAreDistinctUntilAllAreTaken) {
  std::set<BlockPool*> pools;
  while (BlockPool* pool = BlockPool::lease()) {
    ASSERT_TRUE(pools.insert(pool).second);
    const PoolScope scope(pool);
    void* const block = pool->allocate(1);  // The memory of the last pool is accessible too.
    ASSERT_TRUE(BlockPool::owns(block));
    *static_cast<char*>(block) = 1;
    BlockPool::release(block);
  }
  EXPECT_EQ(pools.size(), BlockPool::kMostPools);
  for (BlockPool* pool : pools) pool->give_back();
  EXPECT_EQ(pools.count(Lease().pool), 1u);
}

TEST(PoolNew, ServesSmallObjectsOnlyInScope) {
  const Lease lease;
  const auto outside = std::make_unique<int>(1);
  EXPECT_FALSE(BlockPool::owns(outside.get()));
  const PoolScope scope(lease.pool);
  const auto small = std::make_unique<int>(1);
  const auto array = std::make_unique<float[]>(20);
  const auto large = std::make_unique<char[]>(5000);
  EXPECT_TRUE(BlockPool::owns(small.get()));
  EXPECT_TRUE(BlockPool::owns(array.get()));
  EXPECT_FALSE(BlockPool::owns(large.get()));
  const PoolScope none(nullptr);
  EXPECT_FALSE(BlockPool::owns(std::make_unique<int>(2).get()));
}

TEST(PoolNew, BlocksMayOutliveScopeLeaseAndThread) {
  std::unique_ptr<int> kept;
  std::thread([&] {
    const Lease lease;
    const PoolScope scope(lease.pool);
    kept = std::make_unique<int>(7);
  }).join();
  EXPECT_TRUE(BlockPool::owns(kept.get()));
  EXPECT_EQ(*kept, 7);
  kept.reset();
}

// One thread allocates while another frees: freed blocks are reused, so no request fails.
TEST(PoolNew, OtherThreadsMayReturnBlocks) {
  const Lease lease;
  const std::int64_t before = BlockPool::refusals();
  std::atomic<int*> handed{nullptr};
  std::atomic<int> wrong{0};
  constexpr int kRounds = 2000;
  std::thread other([&] {
    for (int i = 0; i < kRounds; ++i) {
      int* block = nullptr;
      while ((block = handed.exchange(nullptr)) == nullptr) std::this_thread::yield();
      wrong += *block != i;
      delete block;
    }
  });
  {
    const PoolScope scope(lease.pool);
    for (int i = 0; i < kRounds; ++i) {
      int* block = new int(i);
      while (handed.load() != nullptr) std::this_thread::yield();
      handed.store(block);
    }
  }
  other.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(BlockPool::refusals(), before);
}

}  // namespace
}  // namespace einet::exec
