#include "cut_off.h"

#include <sys/prctl.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace einet::eval {
namespace {

constexpr int kAttempts = 5;
/// How long before the moment this thread stops sleeping and watches the clock. Short, because on processors with two
/// threads per core watching slows the run down.
constexpr Seconds kWatch{60e-6};
/// How long the workers watch for their next start: longer than this thread takes between two runs.
constexpr Seconds kSpin{200e-6};

void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Returns at `moment`, or before when the run has ended by itself.
void wait_until(Clock::time_point moment, const Session& session) {
  while (session.state() == RunState::kRunning) {
    const Seconds left = moment - Clock::now();
    if (left <= Seconds(0)) return;
    if (left > kWatch) {
      // In steps, so that a moment far beyond the end of the run is not waited for.
      std::this_thread::sleep_for(std::min(left - kWatch, Seconds(5e-3)));
    } else {
      relax();
    }
  }
}

/// Passes everything on to the policy of the current run; null only while the session warms up.
class Delegate final : public Policy {
 public:
  explicit Delegate(std::shared_ptr<Policy* const> target) : target_(std::move(target)) {}
  const plan::ExitPlan& begin() noexcept override { return *target_ ? (*target_)->begin() : none_; }
  const plan::ExitPlan& after(int exit, float confidence, double elapsed) noexcept override {
    return *target_ ? (*target_)->after(exit, confidence, elapsed) : none_;
  }
  bool replans() const noexcept override { return *target_ && (*target_)->replans(); }

 private:
  std::shared_ptr<Policy* const> target_;
  plan::ExitPlan none_;
};

}  // namespace

CutOffStage::CutOffStage(const std::shared_ptr<const Model>& model)
    : latest_(make_lane(model, Publish::kLatest)), most_confident_(make_lane(model, Publish::kMostConfident)) {
  timer_slack_ = ::prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
  ::prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);  // sleeps end when they should, not up to 50 microseconds later
}

CutOffStage::~CutOffStage() {
  if (timer_slack_ > 0) ::prctl(PR_SET_TIMERSLACK, timer_slack_, 0, 0, 0);
}

CutOffStage::Lane CutOffStage::make_lane(const std::shared_ptr<const Model>& model, Publish publish) {
  Lane lane;
  lane.policy = std::make_shared<Policy*>(nullptr);
  SessionOptions options;
  options.publish = publish;
  options.deadlines = false;
  options.spin = kSpin;
  options.policy = [target = lane.policy] { return std::make_unique<Delegate>(target); };
  lane.session = std::make_unique<Session>(model, std::move(options));
  return lane;
}

CutOff CutOffStage::run(Policy& policy, Publish publish, std::span<const float> image, Seconds moment,
                        Seconds tolerance) {
  const Lane& lane = publish == Publish::kLatest ? latest_ : most_confident_;
  Session& session = *lane.session;
  *lane.policy = &policy;
  last_ = &session;
  CutOff result;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto begin = Clock::now();
    session.start(image);
    wait_until(begin + std::chrono::duration_cast<Clock::duration>(moment), session);
    const bool ended = session.state() != RunState::kRunning;
    const Seconds read = Clock::now() - begin;
    result.answer = session.latest();
    session.interrupt();
    session.wait();
    // What a run showed in the end it shows for ever, so only runs still going can be read too late; and an answer that
    // came before the moment was the one in force even so, if no other followed it.
    const bool late = read - moment > tolerance && !(ended && Seconds(result.answer.elapsed) <= moment);
    result.moment = late ? read : moment;
    if (!late) break;
    ++result.missed;
  }
  return result;
}

}  // namespace einet::eval
