#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "einet/core/time.h"
#include "einet/runtime/answer.h"
#include "einet/runtime/model.h"
#include "einet/runtime/policy.h"

namespace einet {

/// Which answer a run shows.
enum class Publish {
  kLatest,         ///< The last exit executed (the paper).
  kMostConfident,  ///< The most confident so far.
};

struct SessionOptions {
  Publish publish = Publish::kLatest;
  /// Replaces the model's own policy; for baselines and for the user's own ideas.
  PolicyFactory policy;
};

/// Where a run stands.
enum class RunState { kIdle, kRunning, kFinished, kInterrupted };

/// One block as it was executed, for timelines.
struct TraceEvent {
  enum Kind : std::uint8_t { kConvPart, kBranch, kPlanning } kind;
  std::int32_t exit;
  std::chrono::nanoseconds begin, end;  ///< Since the start of the run.
};

/// Elastic inference (DESIGN 4): runs a network on a worker thread of its own, the best answer readable at any time.
///
///     Session session(model);
///     session.start(image);
///     …                            // until the cut-off
///     session.interrupt();
///     Answer answer = session.latest();
///
/// start(), interrupt(), latest(), state() may be called from any thread, are noexcept, allocate nothing and take no
/// lock. After construction a session never allocates.
class Session {
 public:
  explicit Session(std::shared_ptr<const Model> model, SessionOptions options = {});
  ~Session();  ///< Interrupts and joins.
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Begins a run on `image`: [C,H,W] pixels in [0,1], normalised here; copied before it returns. A run still going is
  /// interrupted first (waits for at most one primitive). With a deadline the run stops by itself that long after the
  /// start. Throws kInvalidData, starting nothing, when the size is not the model's or a pixel is NaN or infinite.
  void start(std::span<const float> image, std::optional<Seconds> deadline = std::nullopt);

  /// The answer of the current (else the last) run; exists() is false while there is none yet.
  Answer latest() const noexcept;
  /// Stops the run at the next primitive. The answer stays.
  void interrupt() noexcept;
  RunState state() const noexcept;
  /// Waits until the run is finished or interrupted and returns its answer.
  Answer wait() noexcept;

  /// What the last run executed, in order, up to where it was stopped. Valid while no run is going.
  std::span<const TraceEvent> trace() const noexcept;
  /// Every answer of the last run, in order. Valid while no run is going.
  std::span<const Answer> answers() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace einet
