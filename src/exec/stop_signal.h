#pragma once

#include <atomic>
#include <cstdint>

namespace einet::exec {

/// Whether a run is to stop; executions check it before every primitive.
///
/// Runs are numbered, and a stop request is also a number: run n stops when it is n or greater. A request is never
/// withdrawn, so it can neither be lost by coming too early, nor stop a later run by coming too late.
class StopSignal {
 public:
  /// Never raised.
  constexpr StopSignal() = default;
  /// `stopped` is the number of the last run to stop. It must outlive the signal.
  StopSignal(const std::atomic<std::uint64_t>& stopped, std::uint64_t run) noexcept : stopped_(&stopped), run_(run) {}

  bool raised() const noexcept { return stopped_ != nullptr && stopped_->load(std::memory_order_relaxed) >= run_; }

 private:
  const std::atomic<std::uint64_t>* stopped_ = nullptr;
  std::uint64_t run_ = 0;
};

inline constexpr StopSignal kNeverStop{};

}  // namespace einet::exec
