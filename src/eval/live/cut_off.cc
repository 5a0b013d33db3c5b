#include "eval/live/cut_off.h"

#include <sys/prctl.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace einet::eval {
namespace {

/// How long before the cut-off this thread stops sleeping and polls the clock. Sleeps end up to 45 microseconds late.
constexpr Seconds kWatch{60e-6};
/// How often this thread wakes up to check whether the run has ended. It polls instead of being woken, because waking
/// it costs the worker a system call and, in a virtual machine, an exit to the host: the first part of the next run
/// took 10 microseconds longer.
constexpr Seconds kLook{200e-6};
/// Before another attempt both threads sleep for one to two times this duration (random, since a disturbance may be
/// periodic), because the scheduler prefers threads that have slept.
constexpr Seconds kRest{2e-3};
/// How long the worker polls for its next start: longer than this thread takes between two runs, shorter than kRest. A
/// worker that slept in between started 45 microseconds late.
constexpr Seconds kSpin{1e-3};
/// One in this many attempts also measures block times, alternately with all branches and with only the last one.
constexpr int kSampled = 3;

void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Returns at `moment`, or earlier if the run has ended.
void wait_until(Clock::time_point moment, const Session& session) {
  while (session.state() == RunState::kRunning) {
    const Seconds left = moment - Clock::now();
    if (left <= Seconds(0)) return;
    if (left > kWatch) {
      std::this_thread::sleep_for(std::min(left - kWatch, kLook));
    } else {
      relax();
    }
  }
}

/// Forwards all calls to the policy of the current run, which is null only during the warm-up of the session.
class Delegate final : public Policy {
 public:
  explicit Delegate(std::shared_ptr<Policy* const> target) : target_(std::move(target)) {}
  const plan::ExitPlan& begin(double deadline) noexcept override {
    return *target_ ? (*target_)->begin(deadline) : none_;
  }
  const plan::ExitPlan& after(const BranchOutput& output) noexcept override {
    return *target_ ? (*target_)->after(output) : none_;
  }
  bool replans() const noexcept override { return *target_ && (*target_)->replans(); }

 private:
  std::shared_ptr<Policy* const> target_;
  plan::ExitPlan none_;
};

double usual_seconds(const TraceEvent& event, const plan::BlockTimes& usual) {
  switch (event.kind) {
    case plan::BlockKind::kConvPart:
      return usual.conv[event.exit];
    case plan::BlockKind::kBranch:
      return usual.branch[event.exit];
    case plan::BlockKind::kPlanning:
      return usual.planning_after(event.exit);
  }
  return 0.0;
}

plan::BlockTimes no_times(int exits) {
  plan::BlockTimes times;
  times.conv.assign(exits, 0.0);
  times.branch.assign(exits, 0.0);
  return times;
}

/// Whether the worker was delayed by more than `tolerance`, at the start or within one part.
bool was_delayed(std::span<const TraceEvent> trace, Seconds tolerance, const plan::BlockTimes& usual) {
  if (!trace.empty() && trace.front().begin > tolerance) return true;
  return std::any_of(trace.begin(), trace.end(), [&](const TraceEvent& event) {
    return Seconds(event.end - event.begin).count() - usual_seconds(event, usual) > tolerance.count();
  });
}

}  // namespace

CutOffStage::CutOffStage(const std::shared_ptr<const Model>& model,
                         std::shared_ptr<predict::CombinationWeights> weights)
    : policy_(std::make_shared<Policy*>(nullptr)), weights_(std::move(weights)) {
  const int exits = model->exits();
  plan::ExitPlan last(exits);
  last.insert(exits - 1);
  everything_ = {fixed_policy(plan::ExitPlan::all(exits)), no_times(exits)};
  trunk_ = {fixed_policy(last), no_times(exits)};
  SessionOptions options;
  options.publish = Publish::kLatest;  // For timing runs.
  options.deadlines = false;
  options.spin = kSpin;
  options.policy = [target = policy_] { return std::make_unique<Delegate>(target); };
  {
    const Pinned worker(Pinned::Place::kLast);
    session_ = std::make_unique<Session>(model, std::move(options));
  }
  pinned_ = std::make_unique<Pinned>(Pinned::Place::kFirst);
  timer_slack_ = ::prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
  ::prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);  // Otherwise sleeps end up to 50 microseconds late.
}

CutOffStage::~CutOffStage() {
  if (timer_slack_ > 0) ::prctl(PR_SET_TIMERSLACK, timer_slack_, 0, 0, 0);
}

void CutOffStage::run_whole(Policy& policy, std::span<const float> image, const plan::BlockTimes& usual) {
  *policy_ = &policy;
  const auto begin = Clock::now();
  session_->start(image);
  wait_until(begin + std::chrono::duration_cast<Clock::duration>(Seconds(usual.total())), *session_);
  while (session_->state() == RunState::kRunning) relax();
}

void CutOffStage::sample_times(Sampled& kind, std::span<const float> image, Seconds tolerance,
                               const plan::BlockTimes& usual) {
  run_whole(*kind.policy, image, usual);
  if (was_delayed(session_->trace(), tolerance, usual)) return;
  ++kind.runs;
  kind.sum.conv[0] += Seconds(session_->trace().front().begin).count();
  for (const TraceEvent& event : session_->trace()) {
    auto& part = event.kind == plan::BlockKind::kConvPart ? kind.sum.conv : kind.sum.branch;
    part[event.exit] += Seconds(event.end - event.begin).count();
  }
}

plan::BlockTimes CutOffStage::take_times(const plan::BlockTimes& usual) {
  plan::BlockTimes times = usual;
  const int exits = times.exits();
  if (everything_.runs >= 10 && trunk_.runs >= 10) {
    for (int exit = 0; exit < exits; ++exit) {
      times.conv[exit] = trunk_.sum.conv[exit] / trunk_.runs;
      times.branch[exit] = everything_.sum.branch[exit] / everything_.runs;
      if (exit == 0) continue;
      double& before = times.branch[exit - 1];
      before = std::max(0.0, before + everything_.sum.conv[exit] / everything_.runs - times.conv[exit]);
    }
  }
  for (Sampled* kind : {&everything_, &trunk_}) {
    kind->sum = no_times(exits);
    kind->runs = 0;
  }
  return times;
}

CutOff CutOffStage::run(Policy& policy, Publish publish, std::span<const float> image, Seconds moment,
                        Seconds tolerance, const plan::BlockTimes& usual) {
  Session& session = *session_;
  CutOff result;
  for (;;) {
    run_whole(*everything_.policy, image, usual);
    if (++runs_ % kSampled == 0) {
      sample_times(runs_ % (2 * kSampled) == 0 ? trunk_ : everything_, image, tolerance, usual);
      run_whole(*everything_.policy, image, usual);
    }
    *policy_ = &policy;
    const auto begin = Clock::now();
    const std::uint64_t run = session.start(image, {.publish = publish});
    wait_until(begin + std::chrono::duration_cast<Clock::duration>(moment), session);
    const bool ended = session.state() != RunState::kRunning;
    const Seconds read = Clock::now() - begin;
    result.answer = session.latest(run);
    session.interrupt(run);
    session.wait();
    // If the run ended before the cut-off, its answer was in force then, even if it was read late.
    const bool late = read - moment > tolerance && !(ended && Seconds(result.answer.elapsed) <= moment);
    result.moment = late ? read : moment;
    if (!late && !was_delayed(session.trace(), tolerance, usual)) break;
    if (++result.disturbed == CutOff::kAttempts) break;
    std::this_thread::sleep_for(kRest * (1.0 + result.disturbed / 7.0));
  }
  return result;
}

}  // namespace einet::eval
