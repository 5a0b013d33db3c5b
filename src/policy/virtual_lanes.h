#pragma once

#include <algorithm>
#include <vector>

#include "einet/policy.h"
#include "plan/lanes.h"
#include "policy/run.h"

namespace einet::policy {

/// Runs with two lanes in virtual time (docs/definitions.md, "Two lanes"). Reuses its memory.
class VirtualLanes {
 public:
  /// One run in which blocks take exactly `times`, planned for `deadline` (plan::kNoDeadline if it is not known), but
  /// not ended by it. `answer(exit, time, output)` is called for every output in order, and fills the output except
  /// BranchOutput::ahead.
  template <class Answer>
  void run(Policy& policy, double deadline, const plan::BlockTimes& times, Answer&& answer) {
    Run<Answer> now(*this, policy, deadline, times, answer);
    run_trunk(times.exits(), now);
  }

 private:
  /// What run_trunk() and run_branch() call.
  template <class Answer>
  class Run {
   public:
    Run(VirtualLanes& memory, Policy& policy, double deadline, const plan::BlockTimes& times, Answer& answer)
        : passed_(memory.passed_),
          output_(memory.output_),
          policy_(policy),
          times_(times),
          answer_(answer),
          plan_(&policy.begin(deadline)),
          handed_(times.exits()) {
      passed_.resize(times.exits());
      output_.resize(times.exits());
    }

    bool conv_part(int) {
      plan::pass_part(times_, lanes_);
      return true;
    }
    const plan::ExitPlan& plan() {
      for (int exit = handed_.next(done_); exit < times_.exits() && planned_at(exit) <= lanes_.trunk;
           exit = handed_.next(done_)) {
        finish(exit);
      }
      return *plan_;
    }
    void pass(int exit, bool planned) {
      decided_ = exit;
      passed_[exit] = lanes_.trunk;
      if (!planned) return;
      handed_.insert(exit);
      output_[exit] = plan::hand_over(times_, lanes_, exit);
    }
    bool await_plan() {
      const int exit = handed_.next(done_);
      if (exit >= times_.exits()) return false;
      finish(exit);
      lanes_.trunk = std::max(lanes_.trunk, planned_at(exit));
      return true;
    }

    bool branch(int exit, BranchOutput& output) {
      answer_(exit, output_[exit], output);
      return true;
    }
    plan::Ahead ahead(int exit) const {
      plan::Ahead ahead{.exit = exit, .elapsed = passed_[exit], .pending = plan::ExitPlan(times_.exits())};
      while (ahead.exit < decided_ && passed_[ahead.exit + 1] <= output_[exit]) {
        ++ahead.exit;
        ahead.elapsed = passed_[ahead.exit];
        if (handed_.contains(ahead.exit)) ahead.pending.insert(ahead.exit);
      }
      return ahead;
    }
    const plan::ExitPlan& newest_plan() const { return *plan_; }
    void post(int, const plan::ExitPlan& plan) { plan_ = &plan; }

   private:
    double planned_at(int exit) const { return output_[exit] + times_.planning_after(exit); }
    void finish(int exit) {
      done_ = exit;
      run_branch(policy_, exit, times_.exits(), *this);
    }

    std::vector<double>& passed_;  ///< [exit]: when the trunk passed it.
    std::vector<double>& output_;  ///< [exit]: when its output comes, if its branch was handed over.
    Policy& policy_;
    const plan::BlockTimes& times_;
    Answer& answer_;
    const plan::ExitPlan* plan_;
    plan::Lanes lanes_;
    plan::ExitPlan handed_;
    int decided_ = -1;  ///< The last exit that the trunk has passed.
    int done_ = -1;     ///< The last exit that has answered.
  };

  std::vector<double> passed_, output_;
};

}  // namespace einet::policy
