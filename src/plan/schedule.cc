#include "plan/schedule.h"

#include <algorithm>
#include <utility>

#include "einet/error.h"

namespace einet::plan {
namespace {

std::shared_ptr<const ExitTimeDistribution> require(std::shared_ptr<const ExitTimeDistribution> distribution) {
  if (!distribution) throw Error(ErrorKind::kUsage, "planner", "needs an exit-time distribution");
  return distribution;
}

}  // namespace

Schedule::Schedule(const BlockTimes& times, std::shared_ptr<const ExitTimeDistribution> distribution)
    : distribution_(require(std::move(distribution))), survival_(*distribution_) {
  times.validate();
  if (times.lanes() == 2) times_ = times;
  const int exits = times.exits();
  full_delay_.push_back(0.0);
  double conv_end = 0.0;
  for (int i = 0; i < exits; ++i) {
    conv_end += times.conv[i];
    conv_end_.push_back(conv_end);
    planning_.push_back(times.planning_after(i));
    ready_.push_back(conv_end + times.branch[i]);
    hold_.push_back(times.branch[i] + planning_.back());
    full_delay_.push_back(full_delay_.back() + hold_.back());
  }
  least_ready_ = ready_;
  for (int i = exits - 2; i >= 0; --i) least_ready_[i] = std::min(least_ready_[i], least_ready_[i + 1]);
  scores_.resize(exits);
}

PlanningState Schedule::read(std::span<const double> scores, const Start& start) noexcept {
  const std::size_t given = std::min(scores.size(), scores_.size());
  for (std::size_t i = 0; i < given; ++i) scores_[i] = clean_score(scores[i]);
  std::fill(scores_.begin() + given, scores_.end(), 0.0);
  const double deadline = clean_deadline(start.deadline);
  survival_.set_deadline(deadline < distribution_->horizon() ? deadline : kNoDeadline);
  const int exit = std::clamp(start.exit, -1, exits() - 1);
  const double elapsed = clean_elapsed(start.elapsed);
  if (two_lanes()) return read_two_lanes(start, exit, elapsed);
  const double delay = exit < 0 ? elapsed : elapsed - conv_end_[exit] + planning_[exit];
  return {scores_, exit, elapsed, clean_score(start.score), delay, exit};
}

[[gnu::noinline]] PlanningState Schedule::read_two_lanes(const Start& start, int exit, double elapsed) const noexcept {
  const Resumed now = resume(
      times_, start, exit, [this](int i) { return scores_[i]; }, survival_);
  return {scores_, now.lanes.passed, elapsed, now.score, 0.0, exit, now.lanes, now.value, clean_score(start.score)};
}

double Schedule::value(const ExitPlan& plan, const PlanningState& now) const noexcept {
  return with_law(*this, [&](const auto& law) {
    auto state = law.start(now);
    double score = now.score;
    double value = law.value(now);
    for (int exit = plan.next(now.exit); exit < exits(); exit = plan.next(exit)) {
      value += (now.scores[exit] - score) * survival(law.output(state, exit));
      score = now.scores[exit];
    }
    return value;
  });
}

double Schedule::simple_bound(const PlanningState& now) const noexcept {
  double best = std::max(now.score, now.in_force);
  for (int i = now.answered + 1; i < exits(); ++i) best = std::max(best, now.scores[i]);
  return best * survival(now.elapsed);
}

}  // namespace einet::plan
