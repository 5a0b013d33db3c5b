#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "einet/session.h"
#include "einet/shared_slot.h"
#include "runtime/worker_channel.h"

namespace einet {

/// The current run of a supervisor, independent of the worker that computes it, and the valid answers of the slot: the
/// supervisor closes a run, and later publications of a worker for it are ignored. Not thread-safe.
class SupervisedRun {
 public:
  /// Runs are numbered from the last one in `slot`.
  explicit SupervisedRun(std::shared_ptr<const SharedSlot> slot);
  /// Sets the initial answers of the model's session, before the first run.
  void set_initial(Initial initial, const Guess& frequent) { initial_ = initial, frequent_ = frequent; }

  /// Closes the run in progress and begins the next, which is closed at once if it was interrupted before. Returns its
  /// number. Throws like run_number() and run_deadline(), without changing anything.
  std::uint64_t begin(const RunOptions& options, Clock::time_point now);
  /// Interrupts `run` and all earlier ones. False if this closes no run.
  bool interrupt(std::uint64_t run);
  void close(RunState end, std::string why = {});
  /// Handles the end of the run's worker, for the reason `why`. Fails the run if it has an answer, which a repetition
  /// would replace by earlier exits, or if it has been repeated already.
  void lose_worker(const std::string& why);

  std::uint64_t number() const { return number_; }
  RunState state() const { return state_; }
  bool running() const { return state_ == RunState::kRunning; }
  const std::string& failure() const { return failure_; }
  /// Clock::time_point::max() unless a run with a deadline is in progress.
  Clock::time_point deadline() const { return running() ? deadline_ : Clock::time_point::max(); }
  /// The message that starts the run in a worker.
  const Message& request() const { return request_; }

  /// As in Session.
  Answer latest() const;
  Answer latest(std::uint64_t run) const;

 private:
  const std::shared_ptr<const SharedSlot> slot_;
  Initial initial_ = Initial::kNone;
  Guess frequent_;
  std::uint64_t number_ = 0;
  RunState state_ = RunState::kIdle;
  std::string failure_;
  Message request_;
  Clock::time_point deadline_ = Clock::time_point::max();
  int lost_workers_ = 0;
  std::uint64_t interrupted_ = 0;  ///< Runs up to this one were interrupted.
  std::uint64_t closed_ = 0;       ///< Runs up to this one are over.
  Answer final_;                   ///< latest() since that run was closed.
};

}  // namespace einet
