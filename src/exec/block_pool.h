#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace einet::exec {

/// A fixed pool of small memory blocks, for the few that oneDNN allocates and frees in every call of a primitive.
///
/// All pools are in one range of addresses, so any thread can recognise their blocks at any time. An execution leases a
/// pool. Only the thread that has the pool in scope allocates blocks; any thread may return them, even after the lease
/// has ended, because a pool's blocks outlive its leases.
class BlockPool {
 public:
  /// A free pool. nullptr if all kMostPools are leased or the system refuses memory. Its owner must call give_back().
  static BlockPool* lease() noexcept;
  void give_back() noexcept;

  /// At least `bytes` bytes aligned to kBlockAlignment, or nullptr if that is too much or no block is left. Only the
  /// thread that has the pool in scope may call it.
  void* allocate(std::size_t bytes) noexcept;

  /// Whether `block` came from a pool.
  static bool owns(const void* block) noexcept;

  /// Returns a block to the pool it came from. owns(block) must hold.
  static void release(void* block) noexcept;

  /// Number of requests in this process that the pool in scope could not serve: too large, or no block left.
  static std::int64_t refusals() noexcept;

  static constexpr std::size_t kBlockAlignment = 64;
  static constexpr std::size_t kLargestBlock = 1024;
  static constexpr std::size_t kMostPools = 4096;

 private:
  static constexpr std::size_t kClasses = 5;        // 64, 128, ..., 1024 bytes
  static constexpr std::size_t kClassBytes = 4096;  // 64 blocks of 64 bytes, ..., 4 of 1024.
  static constexpr std::size_t kPoolsAtATime = 32;  // For which memory is made accessible together.
  static_assert(kMostPools % kPoolsAtATime == 0 && kBlockAlignment << (kClasses - 1) == kLargestBlock);

  struct Free {
    Free* next;
  };

  static BlockPool* pools() noexcept;
  static bool extend() noexcept;

  // A pool is used as mapped, without being constructed: all zeros is the initial state.
  std::array<Free*, kClasses> free_;
  std::array<std::size_t, kClasses> untouched_;        // Offset of the first block never handed out.
  std::array<std::atomic<Free*>, kClasses> returned_;  // Returned by threads that do not have the pool in scope.
  std::atomic<bool> leased_;
  alignas(kBlockAlignment) std::array<std::array<std::byte, kClassBytes>, kClasses> blocks_;
};

/// The pool in scope of this thread, or nullptr.
extern constinit thread_local BlockPool* active_block_pool;

/// During its lifetime, small allocations of this thread come from `pool` (nullptr: from the heap), if operator new is
/// that of pool_new.cc; otherwise it has no effect.
class PoolScope {
 public:
  explicit PoolScope(BlockPool* pool) noexcept : outer_(active_block_pool) { active_block_pool = pool; }
  ~PoolScope() { active_block_pool = outer_; }
  PoolScope(const PoolScope&) = delete;
  PoolScope& operator=(const PoolScope&) = delete;

 private:
  BlockPool* outer_;
};

}  // namespace einet::exec
