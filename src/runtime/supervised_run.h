#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "einet/session.h"
#include "einet/shared_slot.h"
#include "runtime/worker_channel.h"

namespace einet {

/// The current run of a supervisor, whichever worker computes it, and which answers of the slot are valid: a run is
/// closed by the supervisor, and what a worker publishes for it afterwards does not count. Not thread-safe.
class SupervisedRun {
 public:
  /// Runs are numbered from the last one in `slot`.
  explicit SupervisedRun(std::shared_ptr<const SharedSlot> slot);
  /// Of the model's session, before the first run.
  void set_initial(Initial initial, const Guess& frequent) { initial_ = initial, frequent_ = frequent; }

  /// Closes the run in progress and begins the next; it is closed already if it was interrupted before. Returns its
  /// number. Throws as run_number() and run_deadline(); nothing has changed then.
  std::uint64_t begin(const RunOptions& options, Clock::time_point now);
  /// Interrupts that run and those before it. False if no run is closed by it.
  bool interrupt(std::uint64_t run);
  void close(RunState end, std::string why = {});
  /// The worker of the run has ended; `why` it did. Fails the run if it has an answer, which a repetition would replace
  /// by earlier exits, or was tried before.
  void lose_worker(const std::string& why);

  std::uint64_t number() const { return number_; }
  RunState state() const { return state_; }
  bool running() const { return state_ == RunState::kRunning; }
  const std::string& failure() const { return failure_; }
  /// Clock::time_point::max() unless a run with a deadline is in progress.
  Clock::time_point deadline() const { return running() ? deadline_ : Clock::time_point::max(); }
  /// The message that starts the run in a worker.
  const Message& request() const { return request_; }

  /// As of Session.
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
  std::uint64_t interrupted_ = 0;  ///< Runs up to this one.
  std::uint64_t closed_ = 0;       ///< Runs up to this one are over.
  Answer final_;                   ///< latest() since then.
};

}  // namespace einet
