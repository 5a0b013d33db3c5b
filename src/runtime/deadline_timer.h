#pragma once

#include <atomic>
#include <thread>

#include "einet/time.h"

namespace einet {

/// Sets a flag at a moment in time. Owns a thread that sleeps in the kernel otherwise; arm() and disarm() allocate
/// nothing and take no lock.
class DeadlineTimer {
 public:
  /// `flag` must outlive the timer. Throws kIo when the system has no timer or thread left.
  explicit DeadlineTimer(std::atomic<bool>& flag);
  ~DeadlineTimer();
  DeadlineTimer(const DeadlineTimer&) = delete;
  DeadlineTimer& operator=(const DeadlineTimer&) = delete;

  /// Sets the flag at `when` (at once, when that is past). Only while disarmed; one thread at a time.
  void arm(Clock::time_point when) noexcept;
  /// When it returns, the flag has been set by the last arm() or will never be.
  void disarm() noexcept;

 private:
  enum State : int { kDisarmed, kArmed, kFiring };
  void run() noexcept;
  void set_timer(Clock::time_point when) noexcept;

  std::atomic<bool>& flag_;
  std::atomic<int> state_{kDisarmed};
  std::atomic<bool> quit_{false};
  std::atomic<Clock::time_point::rep> when_{0};
  int timer_ = -1;  ///< A timerfd: re-armed from outside while the thread reads it, and not subject to timer slack.
  std::thread thread_;
};

}  // namespace einet
