#pragma once

#include <atomic>
#include <cstdint>

#include "exec/stop_signal.h"
#include "runtime/answer_slot.h"

namespace einet {

/// Which runs of a session are to stop. See exec::StopSignal for why this is a number.
class RunControl {
 public:
  /// Runs publish into `slot`; the writer's decision checks signal(run).
  explicit RunControl(AnswerSlot& slot) : slot_(slot) {}

  exec::StopSignal signal(std::uint64_t run) const noexcept { return {stopped_, run}; }

  /// Stops `run` and all earlier ones. They publish nothing after this returns: a writer that decides later sees the
  /// number, and one that decided before fails because of the nudge. Wait-free.
  void interrupt(std::uint64_t run) noexcept {
    std::uint64_t stopped = stopped_.load(std::memory_order_relaxed);
    while (stopped < run && !stopped_.compare_exchange_weak(stopped, run, std::memory_order_relaxed)) {
    }
    slot_.nudge();
  }

 private:
  AnswerSlot& slot_;
  std::atomic<std::uint64_t> stopped_{0};
};

}  // namespace einet
