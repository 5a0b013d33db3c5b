#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "einet/answer.h"
#include "einet/model.h"
#include "einet/policy.h"
#include "einet/run_time.h"
#include "einet/time.h"
#include "policy/publish.h"

namespace einet {

struct SessionOptions {
  Publish publish = Publish::kLatest;
  /// Replaces the model's own policy; for baselines and for the user's own ideas.
  PolicyFactory policy = {};
  /// Where answers are published; null = inside the session. Must outlive the session. In memory shared with another
  /// process, that process still has the answer when this one is killed.
  AnswerSlot* slot = nullptr;
  /// Keeps a sleeping thread that stops runs at their deadline. False saves it; start() then refuses deadlines.
  bool deadlines = true;
  /// How long the worker spins for the next start() before it sleeps: waking it costs some 5 to 50 microseconds at the
  /// beginning of the next run, spinning costs a processor. Zero for all but measurements and control loops.
  Seconds spin{0};
};

/// Where a run stands.
enum class RunState { kIdle, kRunning, kFinished, kInterrupted };

/// One block as it was executed, for timelines.
struct TraceEvent {
  plan::BlockKind kind;
  std::int32_t exit;
  std::chrono::nanoseconds begin, end;  ///< Since the start of the run.
};

/// Elastic inference (docs/definitions.md): runs a network on a worker thread of its own, the best answer readable at
/// any time.
///
///     Session session(model);
///     session.start(image);
///     …                            // until the cut-off
///     session.interrupt();
///     Answer answer = session.latest();
///
/// interrupt(), latest(), state() and wait() may be called from any thread; start() from one thread at a time. After
/// construction a session allocates nothing and takes no lock, and nothing throws but start(), when what it is given is
/// not fit to start a run.
class Session {
 public:
  explicit Session(std::shared_ptr<const Model> model, SessionOptions options = {});
  ~Session();  ///< Interrupts and joins.
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Begins a run on `image`: [C,H,W] pixels in [0,1], normalised here; copied before it returns. A run still going is
  /// interrupted first (waits for at most one primitive). Time counts from the call; with a deadline the run is planned
  /// for it (a few to some tens of microseconds when it differs from the last run's), stops by itself at the first
  /// primitive after it, and publishes nothing after it. Without one the run ends with an answer, whatever its plan
  /// goes by. Throws, starting nothing and leaving a run that is going alone: kInvalidData when the size is not the
  /// model's, a pixel is NaN or infinite or the deadline is NaN; kUsage for a deadline without
  /// SessionOptions::deadlines. `publish` replaces SessionOptions::publish for this run.
  void start(std::span<const float> image, std::optional<Seconds> deadline = std::nullopt,
             std::optional<Publish> publish = std::nullopt);

  /// The answer of the current (else the last) run; exists() is false while there is none yet.
  Answer latest() const noexcept;
  /// Stops the run at the next primitive. The answer stays. Safe in a signal handler.
  void interrupt() noexcept;
  RunState state() const noexcept;
  /// Waits until the run is finished or interrupted and returns its answer.
  Answer wait() noexcept;

  /// What the last run executed, in order, up to where it was stopped. Valid while no run is going.
  std::span<const TraceEvent> trace() const noexcept;
  /// Every answer of the run so far, in order; with Publish::kMostConfident those not shown have sequence 0. May be
  /// called at any time, also during the run; the span is valid until the next start().
  std::span<const Answer> answers() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace einet
