#pragma once

#include <memory>
#include <span>
#include <vector>

#include "core/pinned.h"
#include "einet/model.h"
#include "einet/policy.h"
#include "einet/session.h"
#include "einet/time.h"
#include "predict/combination.h"

namespace einet::eval {

/// The answer at a cut-off.
struct CutOff {
  Answer answer;      ///< latest() at that time; exists() is false if there was none.
  Seconds moment{};   ///< Time since the start of the run: as planned or, if late, the actual one.
  int disturbed = 0;  ///< Attempts disturbed by other processes.

  /// Maximum number of attempts for one run.
  static constexpr int kAttempts = 8;
  /// Whether the last attempt, whose answer this is, was disturbed too.
  bool unsettled() const { return disturbed == kAttempts; }
};

/// Starts real runs under one policy after another and cuts them off at given times. One session serves all methods.
///
/// Immediately before each run the whole network is run once, as for the measurement of ET-profiles. Without this,
/// parts that only one of many methods executes took up to 50 % longer (their weights are no longer in the caches), and
/// after an idle time of 0.1 ms the parts in the first 0.2 ms of a run took about 10 microseconds longer in total.
///
/// During its lifetime, the thread that created it is pinned to one processor and the worker to another, if there are
/// two. With a branch lane, that thread is on a third, or if there is none, on the first: this thread then sleeps until
/// the cut-off instead of polling the clock, and takes the answer that was in force at that moment by the times in the
/// answers.
class CutOffStage {
 public:
  /// `weights` are those of the model, if it combines answers. Sessions have a branch lane if `lanes` is 2.
  explicit CutOffStage(const std::shared_ptr<const Model>& model,
                       std::shared_ptr<predict::CombinationWeights> weights = nullptr, int lanes = 1);
  ~CutOffStage();
  CutOffStage(const CutOffStage&) = delete;
  CutOffStage& operator=(const CutOffStage&) = delete;

  /// Replaces the weights of combined answers for the following runs. Only if weights were given before.
  void set_weights(const predict::CombinationWeights& weights) { *weights_ = weights; }

  /// Runs `image` under `policy` (which must outlive the call) until `moment`. An attempt counts as
  /// disturbed by other processes if its answer was read more than `tolerance` late, or if a part of the run took that
  /// much longer than its `usual` time; it is repeated, at most seven times. This does not depend on the answers.
  /// Throws like Session::start().
  CutOff run(Policy& policy, Publish publish, std::span<const float> image, Seconds moment, Seconds tolerance,
             const plan::BlockTimes& usual);

  /// Mean times of the parts since the last call, from undisturbed timing runs; the first part includes waking the
  /// worker. A branch also slows down the conv part after it, because it evicts that part's data from the caches; this
  /// is attributed to the branch. So every second timing run executes only the last branch: it gives the times of conv
  /// parts, and the time of a branch is the additional time in complete runs. `usual` if there were fewer than ten runs
  /// of either kind.
  plan::BlockTimes take_times(const plan::BlockTimes& usual);

  /// For the trace of the last run.
  const Session& session() const { return *session_; }

 private:
  /// Runs of one kind whose parts were timed.
  struct Sampled {
    std::unique_ptr<Policy> policy;
    plan::BlockTimes sum;
    int runs = 0;
    /// With two lanes, by exit and run: seconds of conv parts, how long branches ran beside them, seconds of branches.
    std::vector<std::vector<double>> conv, overlap, branch;
  };

  void run_whole(Policy& policy, std::span<const float> image, const plan::BlockTimes& usual);
  void sample_times(Sampled& kind, std::span<const float> image, Seconds tolerance, const plan::BlockTimes& usual);

  void sample_lanes(Sampled& kind);
  plan::BlockTimes take_lane_times(plan::BlockTimes times);
  void wait_until(Clock::time_point moment);

  const int lanes_;
  Sampled everything_;                                    ///< All branches.
  Sampled trunk_;                                         ///< The last branch only.
  std::shared_ptr<Policy*> policy_;                       ///< Of the current run; read by the session's own policy.
  std::shared_ptr<predict::CombinationWeights> weights_;  ///< Read by the session during runs.
  std::unique_ptr<Session> session_;
  std::unique_ptr<Pinned>
      pinned_;  ///< Separates this thread from the worker, which polling the clock must not slow down.
  int runs_ = 0;
  int timer_slack_ = -1;  ///< The previous value of this thread, restored at the end.
};

}  // namespace einet::eval
