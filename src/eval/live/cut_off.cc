#include "eval/live/cut_off.h"

#include <sys/prctl.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "core/processors.h"
#include "measure/lane_times.h"
#include "profile/statistics.h"

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
void poll_until(Clock::time_point moment, const Session& session) {
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
      return usual.lanes() == 2 ? usual.lane.busy[event.exit] : usual.conv[event.exit];
    case plan::BlockKind::kBranch:
      return usual.lanes() == 2 ? usual.lane.branch[event.exit] : usual.branch[event.exit];
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

/// Whether a thread was delayed by more than `tolerance`, at the start or within one part.
bool was_delayed(std::span<const TraceEvent> trace, Seconds tolerance, const plan::BlockTimes& usual) {
  if (!trace.empty() && trace.front().begin > tolerance) return true;
  return std::any_of(trace.begin(), trace.end(), [&](const TraceEvent& event) {
    return Seconds(event.end - event.begin).count() - usual_seconds(event, usual) > tolerance.count();
  });
}

/// The branch lane of a run: calls visit(event, begin) for each branch, where `begin` is the moment from which it could
/// have run: its conv part and the branch before it had ended.
template <class Visit>
void for_each_branch(std::span<const TraceEvent> trace, const Visit& visit) {
  std::chrono::nanoseconds free{0};
  for (const TraceEvent& event : trace) {
    if (event.kind == plan::BlockKind::kConvPart) continue;
    if (event.kind == plan::BlockKind::kBranch) {
      auto begin = free;
      for (const TraceEvent& conv : trace) {
        if (conv.kind == plan::BlockKind::kConvPart && conv.exit == event.exit) begin = std::max(begin, conv.end);
      }
      visit(event, begin);
    }
    free = event.end;
  }
}

/// With two lanes: whether a branch began more than `tolerance` late.
bool began_late(std::span<const TraceEvent> trace, Seconds tolerance) {
  bool late = false;
  for_each_branch(trace, [&](const TraceEvent& event, std::chrono::nanoseconds begin) {
    late = late || event.begin - begin > tolerance;
  });
  return late;
}

/// The last published answer before `moment`, if it is among those of a run that was interrupted later.
Answer in_force(std::span<const Answer> answers, Seconds moment) {
  Answer last;
  for (const Answer& answer : answers) {
    if (answer.sequence != 0 && Seconds(answer.elapsed) <= moment) last = answer;
  }
  return last;
}

/// Where the branch lane runs: neither with this thread nor with the worker if there are enough processors.
std::vector<int> branch_processors() {
  const std::vector<int> processors = processors_to_pin();
  if (processors.size() < 2) return {};
  return {processors[processors.size() > 2 ? 1 : 0]};
}

}  // namespace

CutOffStage::CutOffStage(const std::shared_ptr<const Model>& model,
                         std::shared_ptr<predict::CombinationWeights> weights, int lanes)
    : lanes_(lanes), policy_(std::make_shared<Policy*>(nullptr)), weights_(std::move(weights)) {
  const int exits = model->exits();
  plan::ExitPlan last(exits);
  last.insert(exits - 1);
  const std::vector<std::vector<double>> none(exits);
  everything_ = {fixed_policy(plan::ExitPlan::all(exits)), no_times(exits), 0, none, none, none};
  trunk_ = {fixed_policy(last), no_times(exits), 0, none, none, none};
  SessionOptions options;
  options.publish = Publish::kLatest;  // For timing runs.
  options.deadlines = false;
  options.spin = kSpin;
  options.branch_lane = lanes == 2;
  if (options.branch_lane) options.threads.branch_processors = branch_processors();
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
  if (lanes_ == 2) {
    session_->wait();
    return;
  }
  poll_until(begin + std::chrono::duration_cast<Clock::duration>(Seconds(usual.total())), *session_);
  while (session_->state() == RunState::kRunning) relax();
}

void CutOffStage::sample_times(Sampled& kind, std::span<const float> image, Seconds tolerance,
                               const plan::BlockTimes& usual) {
  run_whole(*kind.policy, image, usual);
  if (was_delayed(session_->trace(), tolerance, usual)) return;
  if (lanes_ == 2 && began_late(session_->trace(), tolerance)) return;
  ++kind.runs;
  if (lanes_ == 2) return sample_lanes(kind);
  kind.sum.conv[0] += Seconds(session_->trace().front().begin).count();
  for (const TraceEvent& event : session_->trace()) {
    auto& part = event.kind == plan::BlockKind::kConvPart ? kind.sum.conv : kind.sum.branch;
    part[event.exit] += Seconds(event.end - event.begin).count();
  }
}

void CutOffStage::sample_lanes(Sampled& kind) {
  const std::span<const TraceEvent> trace = session_->trace();
  for (const TraceEvent& event : trace) {
    if (event.kind != plan::BlockKind::kConvPart) continue;
    // The first part includes waking the worker.
    const auto begin = event.exit == 0 ? std::chrono::nanoseconds(0) : event.begin;
    double overlap = 0.0;
    for (const TraceEvent& branch : trace) {
      if (branch.kind != plan::BlockKind::kBranch) continue;
      overlap += std::max(0.0, Seconds(std::min(event.end, branch.end) - std::max(begin, branch.begin)).count());
    }
    kind.conv[event.exit].push_back(Seconds(event.end - begin).count());
    kind.overlap[event.exit].push_back(overlap);
  }
  for_each_branch(trace, [&](const TraceEvent& event, std::chrono::nanoseconds begin) {
    kind.branch[event.exit].push_back(Seconds(event.end - begin).count());
  });
}

plan::BlockTimes CutOffStage::take_lane_times(plan::BlockTimes times) {
  const bool enough = everything_.runs >= 10 && trunk_.runs >= 10;
  for (int exit = 0; exit < times.exits() && enough; ++exit) {
    double& idle = times.lane.conv[exit];
    const double usual_slowdown = idle > 0.0 ? times.lane.busy[exit] / idle : 1.0;
    idle = profile::median(trunk_.conv[exit]);
    const auto busy = measure::busy_seconds(everything_.conv[exit], everything_.overlap[exit], idle);
    times.lane.busy[exit] = std::max(idle, busy.value_or(usual_slowdown * idle));
    times.lane.branch[exit] = profile::median(everything_.branch[exit]);
  }
  for (Sampled* kind : {&everything_, &trunk_}) {
    for (auto* lists : {&kind->conv, &kind->overlap, &kind->branch}) lists->assign(times.exits(), {});
    kind->runs = 0;
  }
  return times;
}

plan::BlockTimes CutOffStage::take_times(const plan::BlockTimes& usual) {
  if (lanes_ == 2) return take_lane_times(usual);
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

void CutOffStage::wait_until(Clock::time_point moment) {
  if (lanes_ == 1) return poll_until(moment, *session_);
  std::this_thread::sleep_until(moment);
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
    wait_until(begin + std::chrono::duration_cast<Clock::duration>(moment));
    const bool ended = session.state() != RunState::kRunning;
    const Seconds read = Clock::now() - begin;
    result.answer = session.latest(run);
    session.interrupt(run);
    session.wait();
    if (lanes_ == 2) result.answer = in_force(session.answers(), moment);
    // If the run ended before the cut-off, its answer was in force then, even if it was read late.
    const bool late = read - moment > tolerance && !(ended && Seconds(result.answer.elapsed) <= moment);
    result.moment = late && lanes_ == 1 ? read : moment;
    const bool delayed =
        was_delayed(session.trace(), tolerance, usual) || (lanes_ == 2 && began_late(session.trace(), tolerance));
    if (!late && !delayed) break;
    if (++result.disturbed == CutOff::kAttempts) break;
    std::this_thread::sleep_for(kRest * (1.0 + result.disturbed / 7.0));
  }
  return result;
}

}  // namespace einet::eval
