#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "einet/plan.h"

namespace einet {

/// What the two lanes of a session exchange during a run (docs/runtime.md, "Branch lane"). The trunk's thread passes
/// exits and reads plans; the branch lane's thread executes the branches that were handed over, and posts plans.
///
/// Nothing is overwritten during a run: every exit has its own place for the trunk's decision and for the plan after
/// its output, and two counters state how many of them are valid. So neither lane ever waits for the other to read.
///
/// The lane *joins* a run, once it has woken up, and *leaves* it; a run that is over before the lane has woken up does
/// not wait for it. No allocation, no lock. Waiting polls for a while (kSpin) before it sleeps in the kernel, since
/// blocks take microseconds and waking a thread takes longer.
class LaneLink {
 public:
  /// `spins` = whether waiting threads poll: not if both have only one processor.
  LaneLink(int exits, bool spins);

  // The thread that starts a run, before both lanes begin.
  void open() noexcept;

  // The trunk's thread.
  void begin(const plan::ExitPlan& plan) noexcept;  ///< Before the first pass().
  /// The trunk passed `exit` at `seconds`; if planned, its branch is handed over.
  void pass(int exit, bool planned, double seconds) noexcept;
  const plan::ExitPlan& plan() noexcept;  ///< The newest plan.
  bool await_plan() noexcept;             ///< See policy::run_trunk().
  /// Whether the lane has ended the run: a branch was cut off or failed.
  bool ended() const noexcept { return (answered_.load(std::memory_order_acquire) & kEnd) != 0; }
  /// The run is over: the lane executes no further branch. Returns when it has left.
  void close() noexcept;

  // The branch lane's thread.
  bool join() noexcept;  ///< False if there is no run to join.
  /// Waits until the trunk has passed `exit`; false if the run is over.
  bool await_pass(int exit) noexcept;
  bool planned(int exit) const noexcept { return passes_[exit].planned; }
  plan::Ahead ahead(int exit) const noexcept;
  const plan::ExitPlan& newest_plan() const noexcept;
  void post(int exit, const plan::ExitPlan& plan) noexcept;
  /// Branch `exit` has been executed; `whole` = false ends the run.
  void answered(int exit, bool whole) noexcept;
  void leave() noexcept;

 private:
  static constexpr std::uint32_t kEnd = std::uint32_t{1} << 31;
  /// Of the lane, in a run or between two.
  enum Phase : std::uint32_t { kClosed, kOpen, kJoined };

  struct Pass {
    double seconds = 0.0;
    bool planned = false;
  };

  std::uint32_t await_change(const std::atomic<std::uint32_t>& counter, std::uint32_t seen) const noexcept;

  const bool spins_;
  std::vector<Pass> passes_;           ///< [exit]
  std::vector<plan::ExitPlan> plans_;  ///< [exit]: after its output.
  plan::ExitPlan first_;
  int last_handed_ = -1;             ///< Of the trunk's thread.
  std::uint32_t answers_known_ = 0;  ///< Of the trunk's thread: answered_ when it last read the plan.

  alignas(64) std::atomic<std::uint32_t> passed_{0};    ///< Number of exits passed; kEnd: the run is over.
  alignas(64) std::atomic<std::uint32_t> answered_{0};  ///< 1 + the last exit that answered; kEnd: cut off or failed.
  std::atomic<int> posted_{-1};                         ///< The last exit with a plan after it.
  std::atomic<std::uint32_t> phase_{kClosed};
};

}  // namespace einet
