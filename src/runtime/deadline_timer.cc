// Why a thread and a timerfd. The executor checks a number between primitives, which must be set at the deadline.
// Reading the clock there instead would make the executor depend on time; a signal-driven timer would need a signal
// number of the application's process; a busy thread occupies a processor. A thread that sleeps in read() on a timerfd
// costs nothing until the deadline, can be re-armed by another thread with one system call, and the kernel wakes it
// without the 50 microseconds of slack of ordinary sleeps.
//
// The critical race: the timer of run k fires while run k+1 starts. Interrupting run k again is harmless, but the time
// of k must not be combined with the number k+1. So arm() clears the time before it changes the number, and the thread
// checks the time again after reading the number.

#include "runtime/deadline_timer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/timespec.h"
#include "einet/error.h"

namespace einet {

DeadlineTimer::DeadlineTimer(RunControl& control, const ThreadOptions& options) : control_(control) {
  timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  if (timer_ < 0) throw Error(ErrorKind::kIo, "deadline timer", std::strerror(errno));
  try {
    thread_.emplace(options, "-timer", options.priority + 1, [this] { run(); });
  } catch (...) {
    ::close(timer_);
    throw;
  }
}

DeadlineTimer::~DeadlineTimer() {
  quit_.store(true, std::memory_order_relaxed);
  set_timer(Clock::now());
  thread_.reset();
  ::close(timer_);
}

void DeadlineTimer::arm(Clock::time_point when, std::uint64_t run) noexcept {
  when_.store(kNever, std::memory_order_relaxed);
  run_.store(run, std::memory_order_release);
  when_.store(when.time_since_epoch().count(), std::memory_order_release);
  set_timer(when);
}

void DeadlineTimer::disarm() noexcept { when_.store(kNever, std::memory_order_relaxed); }

void DeadlineTimer::set_timer(Clock::time_point when) noexcept {
  // Zero would disarm the timerfd; a time in the past fires at once.
  const auto since_boot = std::max(std::chrono::nanoseconds(1), std::chrono::nanoseconds(when.time_since_epoch()));
  itimerspec spec{};
  spec.it_value = to_timespec(since_boot);
  ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &spec, nullptr);
}

void DeadlineTimer::run() noexcept {
  for (;;) {
    std::uint64_t expirations = 0;
    if (::read(timer_, &expirations, sizeof expirations) < 0 && errno != EINTR) return;
    if (quit_.load(std::memory_order_relaxed)) return;
    const Clock::rep when = when_.load(std::memory_order_acquire);
    const std::uint64_t run = run_.load(std::memory_order_acquire);
    if (when_.load(std::memory_order_relaxed) != when) continue;  // Re-armed in the meantime: read() returns again.
    if (Clock::now().time_since_epoch().count() >= when) control_.interrupt(run);
  }
}

}  // namespace einet
