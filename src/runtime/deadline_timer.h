#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "einet/session.h"
#include "einet/time.h"
#include "runtime/run_control.h"
#include "runtime/thread.h"

namespace einet {

/// Interrupts a run at a moment in time. Owns a thread that sleeps in the kernel otherwise; arm() and disarm() allocate
/// nothing and take no lock.
class DeadlineTimer {
 public:
  /// `control` must outlive the timer. Throws kIo when the system has no timer or thread left.
  explicit DeadlineTimer(RunControl& control, const ThreadOptions& options = {});
  ~DeadlineTimer();
  DeadlineTimer(const DeadlineTimer&) = delete;
  DeadlineTimer& operator=(const DeadlineTimer&) = delete;

  /// Interrupts `run` at `when` (at once, when that is past), instead of what it was armed for. One thread at a time.
  void arm(Clock::time_point when, std::uint64_t run) noexcept;
  /// Interrupts nothing until it is armed again; it may be about to.
  void disarm() noexcept;

 private:
  static constexpr Clock::rep kNever = Clock::time_point::max().time_since_epoch().count();
  void run() noexcept;
  void set_timer(Clock::time_point when) noexcept;

  RunControl& control_;
  std::atomic<bool> quit_{false};
  std::atomic<Clock::rep> when_{kNever};
  std::atomic<std::uint64_t> run_{0};
  int timer_ = -1;  ///< A timerfd: re-armed from outside while the thread reads it, and not subject to timer slack.
  std::optional<Thread> thread_;
};

}  // namespace einet
