#pragma once

#include <chrono>
#include <cstddef>
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
  kInherited,   ///< As the thread that creates the session.
  kNormal,      ///< SCHED_OTHER
  kFifo,        ///< SCHED_FIFO
  kRoundRobin,  ///< SCHED_RR
};

/// The threads of a session. All signals are blocked in them.
struct ThreadOptions {
  std::vector<int> processors;  ///< On which they may run; empty = as the thread that creates the session.
  Scheduling scheduling = Scheduling::kInherited;
  /// Of the worker, for kFifo and kRoundRobin: 1 to 98. The priority of the deadline timer's thread is one higher, so
  /// that it can preempt a worker on the same processor.
  int priority = 1;
  /// Locks the pages of the process when the session is created (mlockall(MCL_CURRENT)).
  bool lock_memory = false;
  /// Of the thread of SessionOptions::branch_lane: empty = `processors`, 0 = `priority`. Both lanes need a processor of
  /// their own to gain anything.
  std::vector<int> branch_processors = {};
  int branch_priority = 0;
  /// Shown by tools such as top, with suffix "-run", "-branch" or "-timer"; the system truncates it to 15 characters.
  std::string name = "einet";
};

struct SessionOptions {
  /// Empty = Model::publish(), the bundle's default.
  std::optional<Publish> publish = std::nullopt;
  /// What latest(run) and wait() return until the first answer of the run: Answer::is_initial(). It is never published:
  /// not in `slot`, in `persist`, in answers() or by latest() and wait_next().
  Initial initial = Initial::kNone;
  /// Replaces the policy of the model, for baselines and custom policies.
  PolicyFactory policy = {};
  /// Also publishes here, for other processes; null = none.
  std::shared_ptr<SharedSlot> slot = nullptr;
  /// Takes the slot over even from a session that is still alive; otherwise the constructor throws in that case.
  bool take_over = false;
  /// Writes the last answer to this file in the background, so that it survives a power cut; empty = none. The file
  /// lags behind by at most `persist_every` plus one write to the disk. read_stored_answer() reads it.
  std::filesystem::path persist = {};
  Seconds persist_every{0.005};
  /// Number of classes in an answer, most likely first: 1 to 5 (Answer::others).
  int top = 1;
  /// Whether to keep the probabilities of all classes with every answer of a run: Session::probabilities().
  bool probabilities = false;
  /// Whether to start a thread that stops runs at their deadline. Without it, start() throws for a run with a deadline.
  bool deadlines = true;
  /// Runs branches on a second thread while the worker continues with later conv parts (docs/runtime.md, "Branch
  /// lane"). Needs a model prepared with ModelOptions::branch_lane, whose plans are made for it, and a second
  /// processor.
  bool branch_lane = false;
  /// How long the worker polls for the next start() before it sleeps. Waking it delays the next run by 5 to 50
  /// microseconds, but polling occupies a processor. Set it only for measurements and control loops.
  Seconds spin{0};
  ThreadOptions threads = {};
};

struct RunOptions {
  /// Counted from the beginning of the run. The run is planned for it, stops at the first primitive after it and
  /// publishes nothing later. If it differs from that of the previous run, planning takes up to some tens of
  /// microseconds.
  std::optional<Seconds> deadline = std::nullopt;
  /// Replaces SessionOptions::publish for this run.
  std::optional<Publish> publish = std::nullopt;
  /// Copied into the answers: for example, the number of a camera frame.
  std::uint64_t frame = 0;
  /// The number of the run, above that of all before it; 0 = one more than the last.
  std::uint64_t number = 0;
  /// When the run began, for Answer::elapsed and the deadline: the exposure of a camera's frame, for example. Empty, or
  /// a time to come = now.
  std::optional<Clock::time_point> begin = std::nullopt;
};

/// State of a run.
enum class RunState {
  kIdle,  ///< No run has been started.
  kRunning,
  kFinished,     ///< Executed its whole plan.
  kInterrupted,  ///< Stopped by interrupt(), its deadline, or the next start().
  kFailed,       ///< Could not compute an answer: Session::failure(). Earlier answers of the run are valid.
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
/// time. After construction a session takes no lock and does not itself allocate. Only start() throws. A child process
/// created by fork() has none of the session's threads: start() throws there, and waiting returns at once.
class EINET_API Session {
 public:
  /// Throws kNotFound for Publish::kCombined if the model has no combination weights and for Initial::kFrequent if it
  /// has no held-out samples, kUsage for invalid options and for a branch lane that
  /// the model was not prepared for, kIo if the system refuses threads, their scheduling, locked
  /// memory or the slot.
  explicit Session(std::shared_ptr<const Model> model, SessionOptions options = {});
  ~Session();  ///< Interrupts and joins.
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Begins a run on `image`: [C,H,W] pixels in [0,1], normalised and copied before start() returns. A run in progress
  /// is interrupted first, which waits for at most one primitive. Returns the number of the run; numbers increase.
  /// Without a deadline, an uninterrupted run ends with an answer unless it fails.
  ///
  /// If it throws, nothing is started and a run in progress is not disturbed. Throws kInvalidData if the size of the
  /// image is wrong, a pixel is NaN or infinite, or the deadline is NaN; kUsage for a number that was used before, for
  /// a deadline without SessionOptions::deadlines, and after fork(); kNotFound for Publish::kCombined if the model has
  /// no combination weights.
  std::uint64_t start(std::span<const float> image, const RunOptions& options = {});
  std::uint64_t start(std::span<const float> image, Seconds deadline) { return start(image, {.deadline = deadline}); }

  /// The last answer. Before the first answer of a run, this is an answer of an earlier run: compare Answer::run.
  Answer latest() const noexcept;
  /// The last answer if it belongs to this run, otherwise none, or the initial answer while no later run has answered.
  Answer latest(std::uint64_t run) const noexcept;
  /// Stops run `run` and all earlier ones, even if it has not begun yet; later runs are not affected. The run ends at
  /// its next primitive; after interrupt() has returned, it publishes nothing. Async-signal-safe.
  void interrupt(std::uint64_t run) noexcept;
  /// The same for the current run; during start(), for the one that is being started.
  void interrupt() noexcept;
  RunState state() const noexcept;
  /// Waits until the run is over and returns its answer, which may be none or the initial one.
  Answer wait() noexcept;
  /// Waits for an answer newer than `sequence` (Answer::sequence) or for the end of the run. Returns the last answer,
  /// which at the end of the run may not be newer. Returns at once if no run is in progress.
  Answer wait_next(std::uint64_t sequence) noexcept;
  /// Why the last run failed; empty if it did not. Valid while no run is in progress.
  std::string_view failure() const noexcept;
  /// Whether another session has taken over SessionOptions::slot; answers of this session no longer appear there.
  bool lost_slot() const noexcept;
  /// Why SessionOptions::persist could not be written; empty if it could.
  std::string persist_failure() const;

  /// The blocks that the last run executed, in order; with a branch lane, in the order of their beginnings. Valid while
  /// no run is in progress.
  std::span<const TraceEvent> trace() const noexcept;
  /// Every answer of the run so far, in order; with Publish::kMostConfident, answers that were not published have
  /// sequence 0. May be called during the run; the span is valid until the next start().
  std::span<const Answer> answers() const noexcept;
  /// The probabilities of all classes in answers()[index], in the order of the labels: those of the exit, or of the
  /// combined answer. Requires index < answers().size(); empty without SessionOptions::probabilities. Valid as long as
  /// answers().
  std::span<const float> probabilities(std::size_t index) const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace einet
