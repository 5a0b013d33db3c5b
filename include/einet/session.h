#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "einet/answer.h"
#include "einet/api.h"
#include "einet/model.h"
#include "einet/policy.h"
#include "einet/run_time.h"
#include "einet/time.h"

namespace einet {

struct SessionOptions {
  /// Empty = Model::publish(), the bundle's own choice.
  std::optional<Publish> publish = std::nullopt;
  /// Replaces the policy of the model, for baselines and custom policies.
  PolicyFactory policy = {};
  /// Where answers are published; null = inside the session. Must outlive the session. Placed in memory shared with
  /// another process, the answer survives the death of this process.
  AnswerSlot* slot = nullptr;
  /// Keeps a thread that stops runs at their deadline. False saves the thread; start() then refuses deadlines.
  bool deadlines = true;
  /// How long the worker polls for the next start() before it sleeps. Waking it delays the next run by 5 to 50
  /// microseconds; polling occupies a processor. Zero except for measurements and control loops.
  Seconds spin{0};
};

/// State of a run.
enum class RunState { kIdle, kRunning, kFinished, kInterrupted };

/// One executed block, for timelines.
struct TraceEvent {
  plan::BlockKind kind;
  std::int32_t exit;
  std::chrono::nanoseconds begin, end;  ///< Since the start of the run.
};

/// Elastic inference (docs/definitions.md): runs a network on a worker thread; the best answer so far can be read at
/// any time.
///
///     Session session(model);
///     session.start(image);
///     …                            // until the cut-off
///     session.interrupt();
///     Answer answer = session.latest();
///
/// interrupt(), latest(), state() and wait() may be called from any thread; start() from one thread at a time. After
/// construction a session allocates nothing and takes no lock. Only start() throws.
class EINET_API Session {
 public:
  /// Throws kNotFound for Publish::kCombined where the model has no weights for it.
  explicit Session(std::shared_ptr<const Model> model, SessionOptions options = {});
  ~Session();  ///< Interrupts and joins.
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Begins a run on `image`: [C,H,W] pixels in [0,1], normalised and copied before start() returns. A run in progress
  /// is interrupted first (waits for at most one primitive). Time counts from the call. With a deadline, the run is
  /// planned for it (which takes up to some tens of microseconds when it differs from that of the previous run), stops
  /// at the first primitive after it, and publishes nothing after it. Without one, an uninterrupted run always ends
  /// with an answer. `publish` replaces SessionOptions::publish for this run.
  ///
  /// Throws without starting anything and without disturbing a run in progress: kInvalidData when the size of the image
  /// is wrong, a pixel is NaN or infinite, or the deadline is NaN; kUsage for a deadline without
  /// SessionOptions::deadlines; kNotFound for Publish::kCombined where the model has no weights for it.
  void start(std::span<const float> image, std::optional<Seconds> deadline = std::nullopt,
             std::optional<Publish> publish = std::nullopt);

  /// The answer of the current run, else of the last one; exists() is false while there is none.
  Answer latest() const noexcept;
  /// Stops the run at the next primitive; its answer remains readable. Safe in a signal handler.
  void interrupt() noexcept;
  RunState state() const noexcept;
  /// Waits until the run is finished or interrupted and returns its answer.
  Answer wait() noexcept;

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
