#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace einet::exec {

/// A fixed store of small blocks of memory, for the few that oneDNN takes and returns in every call of a primitive.
///
/// All pools lie in static memory, so any address can be recognised by its range, at any time, by any thread. A pool is
/// leased by an execution. Blocks are taken by the one thread that has the pool in scope; they may be returned by any
/// thread, also after the lease has ended: a pool's blocks outlive its leases.
class BlockPool {
 public:
  /// A free pool, or nullptr when all are leased. Its owner must call give_back().
  static BlockPool* lease() noexcept;
  void give_back() noexcept;

  /// At least `bytes` bytes aligned to kBlockAlignment, or nullptr when that is too much or no block is left. Only by
  /// the thread that has the pool in scope.
  void* allocate(std::size_t bytes) noexcept;

  /// Whether `block` came from a pool.
  static bool owns(const void* block) noexcept;

  /// Returns a block to the pool it came from. owns(block) must hold.
  static void release(void* block) noexcept;

  /// Requests of this process that no pool could serve although one was in scope: too large, or exhausted.
  static std::int64_t refusals() noexcept;

  static constexpr std::size_t kBlockAlignment = 64;
  static constexpr std::size_t kLargestBlock = 1024;

 private:
  static constexpr std::size_t kClasses = 5;  // 64, 128, ..., 1024 bytes

  struct Free {
    Free* next;
  };

  std::array<Free*, kClasses> free_{};
  std::array<std::size_t, kClasses> untouched_{};        // Offset of the first block never handed out.
  std::array<std::atomic<Free*>, kClasses> returned_{};  // By threads that do not have the pool in scope.
  std::atomic<bool> leased_{false};
};

/// The pool in scope of this thread, or nullptr.
extern constinit thread_local BlockPool* active_block_pool;

/// While it lives, this thread's small allocations come from `pool` (nullptr: from the heap), in programs linked with
/// einet::pool_new; in others it has no effect.
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
