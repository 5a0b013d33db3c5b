// EINet's own policy (paper IV; docs/definitions.md): begin with the best plan for the population; after every answer
// update the belief about the exits to come and plan the rest anew from the time it really is.
//
// The first plan does not depend on the input, so it is made once, and once more when a run has another deadline than
// the run before. A belief that never changes (shrinkage 0) cannot change the plan either, but for noise in the clock:
// then nothing is re-planned and nothing is paid for planning.

#include <utility>

#include "einet/runtime/policy.h"

namespace einet {
namespace {

class ElasticPolicy final : public Policy {
 public:
  ElasticPolicy(predict::Belief belief, std::unique_ptr<plan::Planner> planner)
      : belief_(std::move(belief)), planner_(std::move(planner)) {
    belief_.reset();
    first_ = planner_->plan(belief_.scores()).plan;
    current_ = first_;
  }

  const plan::ExitPlan& begin(double deadline) noexcept override {
    belief_.reset();
    if (deadline == plan::kNoDeadline) {
      deadline_ = deadline;
      return *(begun_ = &first_);
    }
    if (deadline != planned_for_) {
      in_time_ = planner_->plan(belief_.scores(), {.deadline = deadline}).plan;
      planned_for_ = deadline;
    }
    deadline_ = deadline;
    return *(begun_ = &in_time_);
  }

  const plan::ExitPlan& after(int exit, float confidence, double elapsed) noexcept override {
    if (!belief_.learns()) return *begun_;
    belief_.see(exit, confidence);
    const std::span<const double> scores = belief_.scores();
    const plan::Start now{.exit = exit, .elapsed = elapsed, .score = scores[exit], .deadline = deadline_};
    current_ = planner_->plan(scores, now).plan;
    return current_;
  }

  bool replans() const noexcept override { return belief_.learns(); }

 private:
  predict::Belief belief_;
  std::unique_ptr<plan::Planner> planner_;
  plan::ExitPlan first_;    ///< Without a deadline.
  plan::ExitPlan in_time_;  ///< For the deadline planned_for_.
  plan::ExitPlan current_;  ///< As re-planned last.
  const plan::ExitPlan* begun_ = &first_;
  double planned_for_ = plan::kNoDeadline;
  double deadline_ = plan::kNoDeadline;  ///< Of the current run.
};

}  // namespace

std::unique_ptr<Policy> elastic_policy(predict::Belief belief, std::unique_ptr<plan::Planner> planner) {
  return std::make_unique<ElasticPolicy>(std::move(belief), std::move(planner));
}

PolicyFactory elastic_policies(std::shared_ptr<const predict::BeliefParameters> parameters,
                               std::shared_ptr<const predict::Predictor> predictor, const std::string& planner,
                               plan::BlockTimes times, std::shared_ptr<const plan::ExitTimeDistribution> distribution,
                               const plan::PlannerOptions& options) {
  if (parameters->shrinkage == 0.0) times.planning.clear();
  PolicyFactory factory = [parameters = std::move(parameters), predictor = std::move(predictor), planner,
                           times = std::move(times), distribution = std::move(distribution), options] {
    return elastic_policy(predict::Belief(parameters, predictor ? predictor->clone() : nullptr),
                          plan::make_planner(planner, times, distribution, options));
  };
  factory();
  return factory;
}

}  // namespace einet
