#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>
#include <thread>
#include <vector>

#include "einet/session.h"

namespace einet {

/// A thread of a session, with all signals blocked; joined by the destructor.
class Thread {
 public:
  /// Runs `work` with the scheduling of `options`, but at `priority`. Throws kIo if the system refuses, kUsage for
  /// invalid processors and priorities.
  Thread(const ThreadOptions& options, std::string_view suffix, int priority, std::function<void()> work);
  /// The same on other processors than those of `options`; empty = as the calling thread.
  Thread(const ThreadOptions& options, std::string_view suffix, int priority, std::vector<int> processors,
         std::function<void()> work);
  ~Thread() { thread_.join(); }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

 private:
  std::thread thread_;
};

/// The number of forks that led to this process since the library was loaded. If the number differs from the one at the
/// construction of a session, the process is a child, whose only thread is the one that called fork().
std::uint64_t forks() noexcept;

/// A hint to the processor that this is a waiting loop. No yield: other processes would evict the caches.
inline void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Wakes all threads that wait for `counter` to change. The fence is between the change and libstdc++'s read of its
/// count of waiters: without it, a thread about to sleep can be missed, on any processor.
void advance_and_notify(std::atomic<std::uint32_t>& counter) noexcept;
/// The same for a change to `value`, with release.
void store_and_notify(std::atomic<std::uint32_t>& word, std::uint32_t value) noexcept;

}  // namespace einet
