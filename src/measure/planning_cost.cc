#include "measure/planning_cost.h"

#include <algorithm>
#include <atomic>

#include "policy/run.h"
#include "profile/statistics.h"

namespace einet::measure {
namespace {

/// Plans like `policy`, with one additional exit, and records the time of each plan.
class TimedPolicy final : public Policy {
 public:
  TimedPolicy(Policy& policy, int extra, std::vector<std::vector<double>>& seconds)
      : policy_(policy), extra_(extra), seconds_(seconds) {}

  const plan::ExitPlan& begin(double deadline) noexcept override { return with_extra(policy_.begin(deadline)); }
  const plan::ExitPlan& after(const BranchOutput& output) noexcept override {
    const auto begin = Clock::now();
    const plan::ExitPlan& plan = policy_.after(output);
    seconds_[output.exit].push_back(Seconds(Clock::now() - begin).count());
    return with_extra(plan);
  }

 private:
  const plan::ExitPlan& with_extra(const plan::ExitPlan& plan) noexcept {
    plan_ = plan;
    plan_.insert(extra_);
    return plan_;
  }

  Policy& policy_;
  const int extra_;
  std::vector<std::vector<double>>& seconds_;
  plan::ExitPlan plan_;
};

/// Executes the network, but returns the answers of a sample of the profile.
class ReplayedBlocks {
 public:
  ReplayedBlocks(exec::Execution& execution, const profile::CsProfile& profile, int sample)
      : execution_(execution), profile_(profile), sample_(sample) {}

  bool conv_part(int exit) {
    exec::require_done(execution_.run_conv_part(exit, exec::kNeverStop));
    return true;
  }
  bool branch(int exit, BranchOutput& output) {
    exec::require_done(execution_.run_branch(exit, exec::kNeverStop));
    output = {.exit = exit,
              .label = profile_.predicted_at(sample_, exit),
              .confidence = profile_.confidence_at(sample_, exit),
              .elapsed = Seconds(Clock::now() - begin_).count(),
              .ahead = {}};
    return true;
  }
  void planned(int) {}

  // With two lanes.
  const plan::ExitPlan& plan() const { return *plan_; }
  const plan::ExitPlan& newest_plan() const { return *plan_; }
  void pass(int exit, bool planned) {
    passed_ = Seconds(Clock::now() - begin_).count();
    if (planned) policy::run_branch(*policy_, exit, profile_.exits, *this);
  }
  bool await_plan() const { return false; }
  plan::Ahead ahead(int exit) const { return {.exit = exit, .elapsed = passed_, .pending = {}}; }
  void post(int, const plan::ExitPlan& plan) { plan_ = &plan; }

  void run(Policy& policy, int lanes) {
    if (lanes == 1) {
      policy::run(policy, plan::kNoDeadline, *this);
      return;
    }
    policy_ = &policy;
    plan_ = &policy.begin(plan::kNoDeadline);
    policy::run_trunk(profile_.exits, *this);
  }

 private:
  Policy* policy_ = nullptr;
  const plan::ExitPlan* plan_ = nullptr;
  double passed_ = 0.0;
  exec::Execution& execution_;
  const profile::CsProfile& profile_;
  const int sample_;
  const Clock::time_point begin_ = Clock::now();
};

}  // namespace

std::vector<double> measure_planning(Policy& policy, const exec::Program& program, const profile::CsProfile& profile,
                                     const PlanningCostOptions& options) {
  const int exits = program.exits();
  std::vector<double> planning(exits, 0.0);
  if (!policy.replans() || profile.samples() == 0 || exits == 1) return planning;

  const auto execution = program.new_execution();
  const std::vector<float> input(program.input_size(), 0.5f);
  const auto all = fixed_policy(plan::ExitPlan::all(exits));
  std::vector<std::vector<double>> seconds(exits);
  const auto until = Clock::now() + options.budget;
  for (int k = 0; k < options.samples && (k < 10 || Clock::now() < until); ++k) {
    const int sample = static_cast<int>(std::int64_t{k} * profile.samples() / options.samples);
    execution->set_input(input);
    // A run without planning first, which evicts the planner's data from the caches.
    ReplayedBlocks(*execution, profile, sample).run(*all, options.lanes);
    TimedPolicy timed(policy, k % exits, seconds);
    ReplayedBlocks(*execution, profile, sample).run(timed, options.lanes);
  }
  double sum = 0.0;
  int measured = 0;
  for (int exit = 0; exit < exits; ++exit) {
    if (seconds[exit].empty()) continue;
    planning[exit] = profile::median(seconds[exit]);
    sum += planning[exit];
    ++measured;
  }
  for (int exit = 0; exit < exits; ++exit) {
    if (seconds[exit].empty()) planning[exit] = sum / measured;
  }
  return planning;
}

}  // namespace einet::measure
