#pragma once

#include <atomic>
#include <cstdint>

namespace einet::exec {

/// Whether a run is to stop; executions ask before every primitive.
///
/// Runs are numbered, and the request is a number, too: run n stops when the number is n or greater. A request is never
/// taken back, so it can neither be lost, however early it comes, nor stop a later run, however late it comes.
class StopSignal {
 public:
  /// Never raised.
  constexpr StopSignal() = default;
  /// `stopped` is the number of the last run that is to stop. Must outlive the signal.
  StopSignal(const std::atomic<std::uint64_t>& stopped, std::uint64_t run) noexcept : stopped_(&stopped), run_(run) {}

  bool raised() const noexcept { return stopped_ != nullptr && stopped_->load(std::memory_order_relaxed) >= run_; }

 private:
  const std::atomic<std::uint64_t>* stopped_ = nullptr;
  std::uint64_t run_ = 0;
};

inline constexpr StopSignal kNeverStop{};

}  // namespace einet::exec
