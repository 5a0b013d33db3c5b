#include "exec/block_pool.h"

#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <mutex>

namespace einet::exec {

constinit thread_local BlockPool* active_block_pool = nullptr;

namespace {

// The range of addresses of all pools; null until the first lease. Only reserved: memory is made accessible for a few
// pools at a time, so that mlockall() does not lock, and a limit of the data segment does not count, what nobody uses.
constinit std::atomic<std::byte*> range{nullptr};
constexpr std::size_t kRangeBytes = BlockPool::kMostPools * sizeof(BlockPool);
constinit std::atomic<std::size_t> accessible{0};  // Number of pools.
constinit std::mutex extending;
constinit std::atomic<std::int64_t> refused{0};

}  // namespace

BlockPool* BlockPool::pools() noexcept { return reinterpret_cast<BlockPool*>(range.load(std::memory_order_relaxed)); }

/// Makes more pools accessible. The caller holds the mutex.
bool BlockPool::extend() noexcept {
  const std::size_t before = accessible.load(std::memory_order_relaxed);
  if (before == kMostPools) return false;
  if (pools() == nullptr) {
    void* const reserved = ::mmap(nullptr, kRangeBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (reserved == MAP_FAILED) return false;
    range.store(static_cast<std::byte*>(reserved), std::memory_order_relaxed);
  }
  // Pools need not begin at the beginning of a page: the last page of those before is made accessible once more.
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t begin = before * sizeof(BlockPool) / page * page;
  const std::size_t end = (before + kPoolsAtATime) * sizeof(BlockPool);
  if (::mprotect(range.load(std::memory_order_relaxed) + begin, end - begin, PROT_READ | PROT_WRITE) != 0) return false;
  accessible.store(before + kPoolsAtATime, std::memory_order_release);
  return true;
}

BlockPool* BlockPool::lease() noexcept {
  for (std::size_t i = 0;; ++i) {
    if (i == accessible.load(std::memory_order_acquire)) {
      const std::lock_guard guard(extending);
      if (i == accessible.load(std::memory_order_relaxed) && !extend()) return nullptr;
    }
    BlockPool& pool = pools()[i];
    if (!pool.leased_.load(std::memory_order_relaxed) && !pool.leased_.exchange(true, std::memory_order_acquire)) {
      return &pool;
    }
  }
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
      std::byte* block = blocks_[kind].data() + untouched_[kind];
      untouched_[kind] += size;
      return block;
    }
  }
  refused.fetch_add(1, std::memory_order_relaxed);
  return nullptr;
}

bool BlockPool::owns(const void* block) noexcept {
  const std::byte* const first = range.load(std::memory_order_relaxed);
  return first != nullptr &&
         reinterpret_cast<std::uintptr_t>(block) - reinterpret_cast<std::uintptr_t>(first) < kRangeBytes;
}

void BlockPool::release(void* block) noexcept {
  const std::size_t at = reinterpret_cast<std::uintptr_t>(block) - reinterpret_cast<std::uintptr_t>(pools());
  BlockPool& pool = pools()[at / sizeof(BlockPool)];
  const auto in_pool = static_cast<std::size_t>(static_cast<std::byte*>(block) - pool.blocks_[0].data());
  const std::size_t kind = in_pool / kClassBytes;
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
