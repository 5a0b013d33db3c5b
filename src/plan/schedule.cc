#include "plan/schedule.h"

#include <algorithm>
#include <utility>

#include "einet/core/error.h"

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
  const int exits = times.exits();
  ready_.resize(exits);
  left_.resize(exits + 1);
  scores_.resize(exits);
  double conv = 0.0;
  for (int i = 0; i < exits; ++i) {
    conv += times.conv[i];
    ready_[i] = conv + times.branch[i];
    left_[i + 1] = conv - times.planning_after(i);
  }
}

Situation Schedule::read(std::span<const double> scores, const Start& start) noexcept {
  const std::size_t given = std::min(scores.size(), scores_.size());
  for (std::size_t i = 0; i < given; ++i) scores_[i] = clean_score(scores[i]);
  std::fill(scores_.begin() + given, scores_.end(), 0.0);
  return {scores_, std::clamp(start.exit, -1, exits() - 1), clean_elapsed(start.elapsed), clean_score(start.score)};
}

double Schedule::value(const ExitPlan& plan, const Situation& now) const noexcept {
  double time = now.elapsed;
  double score = now.score;
  double value = score * survival(time);
  int done = now.exit;
  for (int exit = plan.next(done); exit < exits(); exit = plan.next(exit)) {
    time += lag(done, exit);
    value += (now.scores[exit] - score) * survival(time);
    score = now.scores[exit];
    done = exit;
  }
  return value;
}

double Schedule::simple_bound(const Situation& now) const noexcept {
  double best = now.score;
  for (int i = now.exit + 1; i < exits(); ++i) best = std::max(best, now.scores[i]);
  return best * survival(now.elapsed);
}

}  // namespace einet::plan
