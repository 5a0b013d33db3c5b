// Why a thread and a timerfd. The executor looks at a flag between primitives, so somebody has to set it at the
// deadline. Looking at the clock there instead would put time into the executor; a signal-driven timer would need a
// signal number of the application's process; a busy thread costs a processor. A thread that sleeps in read() on a
// timerfd costs nothing until the moment, can be re-armed by another thread with one system call, and the kernel fires
// it without the 50 microseconds of slack that ordinary sleeps have.
//
// The race to get right: the timer of run k fires while run k+1 starts. The thread may have returned from read() and be
// descheduled before it sets the flag. So it takes the step armed -> firing first, and disarm() either prevents that
// step or waits until it is over; and it checks the time again, because what woke it may have been an earlier arm().

#include "runtime/deadline_timer.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "einet/error.h"

namespace einet {

DeadlineTimer::DeadlineTimer(std::atomic<bool>& flag) : flag_(flag) {
  timer_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  if (timer_ < 0) throw Error(ErrorKind::kIo, "deadline timer", std::strerror(errno));
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    ::close(timer_);
    throw Error(ErrorKind::kIo, "deadline timer", error.what());
  }
}

DeadlineTimer::~DeadlineTimer() {
  disarm();
  quit_.store(true, std::memory_order_relaxed);
  set_timer(Clock::now());
  thread_.join();
  ::close(timer_);
}

void DeadlineTimer::arm(Clock::time_point when) noexcept {
  when_.store(when.time_since_epoch().count(), std::memory_order_relaxed);
  state_.store(kArmed, std::memory_order_release);
  set_timer(when);
}

void DeadlineTimer::disarm() noexcept {
  for (;;) {
    int state = kArmed;
    if (state_.compare_exchange_strong(state, kDisarmed, std::memory_order_acq_rel)) return;
    if (state == kDisarmed) return;
    state_.wait(kFiring, std::memory_order_acquire);
  }
}

void DeadlineTimer::set_timer(Clock::time_point when) noexcept {
  // Zero would disarm the timerfd; a moment that is past fires at once.
  const auto since_boot = std::max(std::chrono::nanoseconds(1), std::chrono::nanoseconds(when.time_since_epoch()));
  itimerspec spec{};
  spec.it_value.tv_sec = since_boot.count() / 1'000'000'000;
  spec.it_value.tv_nsec = since_boot.count() % 1'000'000'000;
  ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &spec, nullptr);
}

void DeadlineTimer::run() noexcept {
  for (;;) {
    std::uint64_t expirations = 0;
    if (::read(timer_, &expirations, sizeof expirations) < 0 && errno != EINTR) return;
    if (quit_.load(std::memory_order_relaxed)) return;
    int state = kArmed;
    if (!state_.compare_exchange_strong(state, kFiring, std::memory_order_acq_rel)) continue;
    // Armed again in the meantime, for later: the timerfd will say so.
    const bool due = Clock::now().time_since_epoch().count() >= when_.load(std::memory_order_relaxed);
    if (due) flag_.store(true, std::memory_order_relaxed);
    state_.store(due ? kDisarmed : kArmed, std::memory_order_release);
    state_.notify_all();
  }
}

}  // namespace einet
