// EINet's own policy (paper IV; docs/definitions.md): start with the best plan for the population; after every answer
// update the belief about the later exits and re-plan the rest from the actual time.
//
// The first plan does not depend on the input, so it is made once, and again whenever the deadline differs from that of
// the previous run. If the belief never changes (shrinkage 0), re-planning could only react to noise in the clock, so
// nothing is re-planned and there is no planning cost.

#include "policy/elastic.h"

#include <utility>

namespace einet {
namespace {

class ElasticPolicy final : public Policy {
 public:
  ElasticPolicy(predict::Belief belief, std::unique_ptr<plan::Planner> planner, std::vector<double> planning_seconds)
      : belief_(std::move(belief)), planner_(std::move(planner)), planning_seconds_(std::move(planning_seconds)) {
    belief_.reset();
    first_ = planner_->plan(belief_.scores()).plan;
    current_ = first_;
  }

  const plan::ExitPlan& begin(double deadline) noexcept override {
    belief_.reset();
    if (deadline == plan::kNoDeadline) {
      deadline_ = deadline;
      return *(initial_ = &first_);
    }
    if (deadline != planned_for_) {
      by_deadline_ = planner_->plan(belief_.scores(), {.deadline = deadline}).plan;
      planned_for_ = deadline;
    }
    deadline_ = deadline;
    return *(initial_ = &by_deadline_);
  }

  const plan::ExitPlan& after(const BranchOutput& output) noexcept override {
    if (!belief_.learns()) return *initial_;
    belief_.observe(output.exit, output.confidence);
    const std::span<const double> scores = belief_.scores();
    const plan::Start now{.exit = output.exit,
                          .elapsed = output.elapsed,
                          .score = scores[output.exit],
                          .deadline = deadline_,
                          .ahead = output.ahead};
    current_ = planner_->plan(scores, now).plan;
    return current_;
  }

  bool replans() const noexcept override { return belief_.learns(); }
  double planning_seconds(int exit) const noexcept override {
    return planning_seconds_.empty() ? 0.0 : planning_seconds_[exit];
  }

 private:
  predict::Belief belief_;
  std::unique_ptr<plan::Planner> planner_;
  std::vector<double> planning_seconds_;
  plan::ExitPlan first_;        ///< Without a deadline.
  plan::ExitPlan by_deadline_;  ///< For the deadline planned_for_.
  plan::ExitPlan current_;      ///< The latest re-plan.
  const plan::ExitPlan* initial_ = &first_;
  double planned_for_ = plan::kNoDeadline;
  double deadline_ = plan::kNoDeadline;  ///< Of the current run.
};

}  // namespace

std::unique_ptr<Policy> elastic_policy(predict::Belief belief, std::unique_ptr<plan::Planner> planner,
                                       std::vector<double> planning_seconds) {
  return std::make_unique<ElasticPolicy>(std::move(belief), std::move(planner), std::move(planning_seconds));
}

plan::BlockTimes policy_times(plan::BlockTimes times, const predict::BeliefParameters& beliefs) {
  if (!beliefs.learns()) times.planning.clear();
  return times;
}

PolicyFactory elastic_policies(std::shared_ptr<const predict::BeliefParameters> beliefs,
                               std::shared_ptr<const predict::Predictor> predictor, plan::BlockTimes times,
                               std::shared_ptr<const plan::ExitTimeDistribution> distribution,
                               const ElasticOptions& options) {
  times = policy_times(std::move(times), *beliefs);
  std::vector<double> planning_seconds = times.planning;
  if (!options.counts_planning) times.planning.clear();
  PolicyFactory factory = [beliefs = std::move(beliefs), predictor = std::move(predictor), times = std::move(times),
                           planning_seconds = std::move(planning_seconds), distribution = std::move(distribution),
                           options] {
    return elastic_policy(predict::Belief(beliefs, predictor ? predictor->clone() : nullptr),
                          plan::make_planner(options.planner, times, distribution, options.planner_options),
                          planning_seconds);
  };
  factory();
  return factory;
}

}  // namespace einet
