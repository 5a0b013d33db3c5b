#include "exec/block_pool.h"

#include <bit>

namespace einet::exec {

constinit thread_local BlockPool* active_block_pool = nullptr;

namespace {

constexpr std::size_t kPools = 64;
constexpr std::size_t kClasses = 5;
constexpr std::size_t kClassBytes = 8192;  // 128 blocks of 64 bytes, ..., 8 of 1024.
static_assert(BlockPool::kBlockAlignment << (kClasses - 1) == BlockPool::kLargestBlock);

struct Blocks {
  std::byte of_class[kClasses][kClassBytes];
};

constinit std::array<BlockPool, kPools> pools{};
alignas(BlockPool::kBlockAlignment) Blocks memory[kPools];  // Zero, so pages are allocated only when used.
constinit std::atomic<std::int64_t> refused{0};

}  // namespace

BlockPool* BlockPool::lease() noexcept {
  for (BlockPool& pool : pools) {
    if (!pool.leased_.exchange(true, std::memory_order_acquire)) return &pool;
  }
  return nullptr;
}

void BlockPool::give_back() noexcept { leased_.store(false, std::memory_order_release); }

std::int64_t BlockPool::refusals() noexcept { return refused.load(std::memory_order_relaxed); }

void* BlockPool::allocate(std::size_t bytes) noexcept {
  if (bytes <= kLargestBlock) {
    const std::size_t size = std::bit_ceil(bytes < kBlockAlignment ? kBlockAlignment : bytes);
    const auto kind = static_cast<std::size_t>(std::countr_zero(size / kBlockAlignment));
    if (free_[kind] == nullptr) free_[kind] = returned_[kind].exchange(nullptr, std::memory_order_acquire);
    if (Free* block = free_[kind]) {
      free_[kind] = block->next;
      return block;
    }
    if (untouched_[kind] + size <= kClassBytes) {
      std::byte* block = memory[this - pools.data()].of_class[kind] + untouched_[kind];
      untouched_[kind] += size;
      return block;
    }
  }
  refused.fetch_add(1, std::memory_order_relaxed);
  return nullptr;
}

bool BlockPool::owns(const void* block) noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(block), first = reinterpret_cast<std::uintptr_t>(&memory[0]);
  return address >= first && address < first + sizeof(memory);
}

void BlockPool::release(void* block) noexcept {
  const std::size_t at = reinterpret_cast<std::uintptr_t>(block) - reinterpret_cast<std::uintptr_t>(&memory[0]);
  BlockPool& pool = pools[at / sizeof(Blocks)];
  const std::size_t kind = at % sizeof(Blocks) / kClassBytes;
  auto* freed = static_cast<Free*>(block);
  if (active_block_pool == &pool) {
    freed->next = pool.free_[kind];
    pool.free_[kind] = freed;
  } else {
    freed->next = pool.returned_[kind].load(std::memory_order_relaxed);
    while (!pool.returned_[kind].compare_exchange_weak(freed->next, freed, std::memory_order_release,
                                                       std::memory_order_relaxed)) {
    }
  }
}

}  // namespace einet::exec
