#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "einet/session.h"
#include "einet/time.h"
#include "runtime/run_control.h"
#include "runtime/thread.h"

namespace einet {

/// Interrupts a run at a given time. Owns a thread, which sleeps in the kernel until then; arm() and disarm() allocate
/// nothing and take no lock.
class DeadlineTimer {
 public:
  /// `control` must outlive the timer. Throws kIo if the system cannot provide a timer or thread.
  explicit DeadlineTimer(RunControl& control, const ThreadOptions& options = {});
  ~DeadlineTimer();
  DeadlineTimer(const DeadlineTimer&) = delete;
  DeadlineTimer& operator=(const DeadlineTimer&) = delete;

  /// Interrupts `run` at `when`, or at once if that is past; replaces what was armed before. One thread at a time.
  void arm(Clock::time_point when, std::uint64_t run) noexcept;
  /// Interrupts nothing until armed again, except for an interruption already in progress.
  void disarm() noexcept;

 private:
  static constexpr Clock::rep kNever = Clock::time_point::max().time_since_epoch().count();
  void run() noexcept;
  void set_timer(Clock::time_point when) noexcept;

  RunControl& control_;
  std::atomic<bool> quit_{false};
  std::atomic<Clock::rep> when_{kNever};
  std::atomic<std::uint64_t> run_{0};
  int timer_ = -1;  ///< A timerfd: can be re-armed while the thread reads it, and is not subject to timer slack.
  std::optional<Thread> thread_;
};

}  // namespace einet
