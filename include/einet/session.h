#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "einet/answer.h"
#include "einet/api.h"
#include "einet/model.h"
#include "einet/plan.h"
#include "einet/policy.h"
#include "einet/shared_slot.h"
#include "einet/time.h"

namespace einet {

enum class Scheduling {
  kInherited,   ///< As the thread that makes the session.
  kNormal,      ///< SCHED_OTHER
  kFifo,        ///< SCHED_FIFO
  kRoundRobin,  ///< SCHED_RR
};

/// The threads of a session. All signals are blocked in them.
struct ThreadOptions {
  std::vector<int> processors;  ///< On which they may run; empty = as the thread that makes the session.
  Scheduling scheduling = Scheduling::kInherited;
  /// Of the worker, for kFifo and kRoundRobin: 1 to 98. The thread that keeps deadlines gets one more, so that it can
  /// stop a worker on the same processor.
  int priority = 1;
  /// Locks the pages that the process has when the session is made (mlockall(MCL_CURRENT)).
  bool lock_memory = false;
  /// Shown by tools such as top, with "-run" and "-timer" behind it; the system cuts it to 15 characters.
  std::string name = "einet";
};

struct SessionOptions {
  /// Empty = Model::publish(), the bundle's own choice.
  std::optional<Publish> publish = std::nullopt;
  /// What latest(run) and wait() return until the first answer of the run: Answer::is_initial(). It is never published:
  /// not in `slot`, in `persist`, in answers() or by latest() and wait_next().
  Initial initial = Initial::kNone;
  /// Replaces the policy of the model, for baselines and custom policies.
  PolicyFactory policy = {};
  /// Also publishes there, for other processes; null = nowhere.
  std::shared_ptr<SharedSlot> slot = nullptr;
  /// Takes the slot over from a session that is still alive. Otherwise the constructor refuses.
  bool take_over = false;
  /// Writes the last answer to this file in the background, so that it survives a power cut; empty = nowhere. The file
  /// is at most `persist_every` and one write to the disk older than the answer. read_stored_answer() reads it.
  std::filesystem::path persist = {};
  Seconds persist_every{0.005};
  /// How many classes an answer names, likeliest first: 1 to 5 (Answer::others).
  int top = 1;
  /// Keeps a thread that stops runs at their deadline. False saves the thread; start() then refuses deadlines.
  bool deadlines = true;
  /// How long the worker polls for the next start() before it sleeps. Waking it delays the next run by 5 to 50
  /// microseconds; polling occupies a processor. Zero except for measurements and control loops.
  Seconds spin{0};
  ThreadOptions threads = {};
};

struct RunOptions {
  /// From the call of start(). The run is planned for it, stops at the first primitive after it and publishes nothing
  /// after it. Planning takes up to some tens of microseconds when it differs from that of the previous run.
  std::optional<Seconds> deadline = std::nullopt;
  /// Replaces SessionOptions::publish for this run.
  std::optional<Publish> publish = std::nullopt;
  /// Returned in the answers: the number of a camera's frame, for example.
  std::uint64_t frame = 0;
};

/// State of a run.
enum class RunState {
  kIdle,  ///< None was started yet.
  kRunning,
  kFinished,     ///< Executed all that it had planned.
  kInterrupted,  ///< Stopped by interrupt(), its deadline, or the next start().
  kFailed,       ///< Could not compute an answer: Session::failure(). Earlier answers of the run are good.
};

/// One executed block, for timelines.
struct TraceEvent {
  plan::BlockKind kind;
  std::int32_t exit;
  std::chrono::nanoseconds begin, end;  ///< Since the start of the run.
};

/// Elastic inference (docs/definitions.md): runs a network on a worker thread; the best answer so far can be read at
/// any time. The contract is docs/runtime.md.
///
///     Session session(model);
///     const std::uint64_t run = session.start(image);
///     …                            // until the cut-off
///     session.interrupt(run);
///     Answer answer = session.latest(run);
///
/// interrupt(), latest(), state(), wait() and wait_next() may be called from any thread; start() from one thread at a
/// time. After construction a session takes no lock and itself allocates nothing. Only start() throws. A child made by
/// fork() has no threads of the session: there start() throws, and waiting ends at once.
class EINET_API Session {
 public:
  /// Throws kNotFound for Publish::kCombined where the model has no weights for it and for Initial::kFrequent where it
  /// has no held-out samples, kUsage for senseless options, kIo where the system refuses threads, their scheduling,
  /// locked memory or the slot.
  explicit Session(std::shared_ptr<const Model> model, SessionOptions options = {});
  ~Session();  ///< Interrupts and joins.
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Begins a run on `image`: [C,H,W] pixels in [0,1], normalised and copied before start() returns. A run in progress
  /// is interrupted first (waits for at most one primitive). Returns the number of the run; numbers grow. Without a
  /// deadline, an uninterrupted run ends with an answer unless it fails.
  ///
  /// Throws without starting anything and without disturbing a run in progress: kInvalidData when the size of the image
  /// is wrong, a pixel is NaN or infinite, or the deadline is NaN; kUsage for a deadline without
  /// SessionOptions::deadlines and after fork(); kNotFound for Publish::kCombined where the model has no weights for
  /// it.
  std::uint64_t start(std::span<const float> image, const RunOptions& options = {});
  std::uint64_t start(std::span<const float> image, Seconds deadline) { return start(image, {.deadline = deadline}); }

  /// The last answer. Until the first answer of a run, it is that of an earlier run: compare Answer::run.
  Answer latest() const noexcept;
  /// The last answer if it belongs to this run; else none, or the initial answer while no later run has answered.
  Answer latest(std::uint64_t run) const noexcept;
  /// Stops run `run` and all before it, also when it has not begun yet; later runs are not affected. The run ends at
  /// its next primitive; when interrupt() has returned, it publishes nothing any more. Safe in a signal handler.
  void interrupt(std::uint64_t run) noexcept;
  /// The same for the current run; during start(), for the one that is being started.
  void interrupt() noexcept;
  RunState state() const noexcept;
  /// Waits until the run is over and returns its answer, which may be none or the initial one.
  Answer wait() noexcept;
  /// Waits for an answer newer than `sequence` (Answer::sequence) or for the end of the run. Returns the last answer:
  /// at the end, one that is not newer. While no run is in progress it returns at once.
  Answer wait_next(std::uint64_t sequence) noexcept;
  /// Why the last run failed; empty when it did not. Valid while no run is in progress.
  std::string_view failure() const noexcept;
  /// Whether another session has taken over SessionOptions::slot; the answers of this one are not seen there any more.
  bool lost_slot() const noexcept;
  /// Why SessionOptions::persist could not be written; empty when it could.
  std::string persist_failure() const;

  /// The blocks that the last run executed, in order. Valid while no run is in progress.
  std::span<const TraceEvent> trace() const noexcept;
  /// Every answer of the run so far, in order; with Publish::kMostConfident, answers that were not shown have sequence
  /// 0. May be called during the run; the span is valid until the next start().
  std::span<const Answer> answers() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace einet
