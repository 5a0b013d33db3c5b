#pragma once

#include <memory>
#include <span>

#include "einet/core/time.h"
#include "einet/runtime/model.h"
#include "einet/runtime/policy.h"
#include "einet/runtime/session.h"

namespace einet::eval {

/// What a cut-off found.
struct CutOff {
  Answer answer;     ///< latest() at that moment; exists() is false when there was none.
  Seconds moment{};  ///< Since the start of the run: as planned or, where that was missed, when it was.
  int missed = 0;    ///< Attempts in which this thread came too late.
};

/// Starts real runs under one policy after another and cuts them off at given moments. One session for each way to
/// publish serves all methods, so that none has warmer memory or a better thread than another.
class CutOffStage {
 public:
  explicit CutOffStage(const std::shared_ptr<const Model>& model);
  ~CutOffStage();

  /// Runs `image` under `policy` (which must outlive the call) until `moment`. A reading more than `tolerance` late is
  /// done again, four times at the most; a run that had ended by itself before the moment is never late.
  /// Throws as Session::start().
  CutOff run(Policy& policy, Publish publish, std::span<const float> image, Seconds moment, Seconds tolerance);

  /// The session that run() used last, for its trace.
  const Session& session() const { return *last_; }

 private:
  struct Lane {
    std::shared_ptr<Policy*> policy;  ///< Of the current run; read by the session's own policy.
    std::unique_ptr<Session> session;
  };
  static Lane make_lane(const std::shared_ptr<const Model>& model, Publish publish);

  Lane latest_, most_confident_;
  Session* last_ = nullptr;
  int timer_slack_ = -1;  ///< This thread's before, to be put back.
};

}  // namespace einet::eval
