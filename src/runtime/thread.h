#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>
#include <thread>

#include "einet/session.h"

namespace einet {

/// A thread of a session, with all signals blocked; joined by the destructor.
class Thread {
 public:
  /// Runs `work` with the scheduling of `options`, but at `priority`. Throws kIo where the system refuses, kUsage for
  /// impossible processors and priorities.
  Thread(const ThreadOptions& options, std::string_view suffix, int priority, std::function<void()> work);
  ~Thread() { thread_.join(); }
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

 private:
  std::thread thread_;
};

/// How often this process has been forked from another since it loaded the library. A session that finds another number
/// than when it was made is in a child, which has no threads but the one that called fork().
std::uint64_t forks() noexcept;

/// Wakes all who wait for `counter` to change. The fence is between the change and libstdc++'s look at its count of
/// waiters: without it, on any processor, a thread about to sleep can be missed.
void advance_and_notify(std::atomic<std::uint32_t>& counter) noexcept;

}  // namespace einet
