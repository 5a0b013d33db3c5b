#include "plan/search/lane_search.h"

#include <algorithm>
#include <limits>

namespace einet::plan {
namespace {

/// Calls visit(exit) for the exits after now.exit that are better than all before them.
template <class Visit>
void for_each_rising(const PlanningState& now, int exits, Visit&& visit) {
  double score = now.score;
  for (int exit = now.exit + 1; exit < exits; ++exit) {
    if (now.scores[exit] <= score) continue;
    score = now.scores[exit];
    visit(exit);
  }
}

}  // namespace

LaneSearch::LaneSearch(const Schedule& schedule, int max_labels)
    : schedule_(schedule),
      labels_(std::make_unique_for_overwrite<Label[]>(max_labels)),
      max_labels_(max_labels),
      front_(schedule.exits()),
      best_later_(schedule.exits() + 1),
      earliest_(schedule.exits()) {}

Planned LaneSearch::best(const PlanningState& now) noexcept {
  const int exits = schedule_.exits();
  ExitPlan plan(exits);
  if (!(schedule_.survival(now.elapsed) > 0.0)) return {plan, now.value, now.value};

  count_ = 0;
  best_value_ = dropped_ = 0.0;
  best_parent_ = best_exit_ = -1;
  all_rising_ = false;
  std::fill(front_.begin(), front_.end(), -1);
  best_later_[exits] = 0.0;
  for (int exit = exits - 1; exit > now.exit; --exit)
    best_later_[exit] = std::max(best_later_[exit + 1], now.scores[exit]);
  try_all_rising(now);
  if (bound(now, now.lanes, now.score) > best_value_) extend(now, -1, now.lanes, now.score, 0.0);
  for (int exit = now.exit + 1; exit < exits; ++exit) {
    for (std::int32_t at = front_[exit]; at >= 0; at = labels_[at].next) {
      const Label& label = labels_[at];
      const Lanes lanes{exit, label.trunk, label.free};
      if (label.value + bound(now, lanes, now.scores[exit]) <= best_value_) continue;
      extend(now, at, lanes, now.scores[exit], label.value);
    }
  }

  if (all_rising_) {
    for_each_rising(now, exits, [&](int exit) { plan.insert(exit); });
  } else if (best_exit_ >= 0) {
    plan.insert(best_exit_);
    for (std::int32_t at = best_parent_; at >= 0; at = labels_[at].parent) plan.insert(labels_[at].exit);
  }
  const double value = schedule_.value(plan, now);
  return {plan, value, dropped_ > best_value_ ? std::max(value, now.value + dropped_) : value};
}

void LaneSearch::consider(std::int32_t parent, int exit, double value) noexcept {
  if (value <= best_value_) return;
  best_value_ = value;
  best_parent_ = parent;
  best_exit_ = exit;
  all_rising_ = false;
}

/// The first plan, which is optimal while the branch lane keeps up with the trunk.
void LaneSearch::try_all_rising(const PlanningState& now) noexcept {
  Lanes lanes = now.lanes;
  double value = 0.0, score = now.score;
  for_each_rising(now, schedule_.exits(), [&](int exit) {
    value += (now.scores[exit] - score) * schedule_.survival(next_output(schedule_.times(), lanes, exit));
    score = now.scores[exit];
  });
  if (value <= best_value_) return;
  best_value_ = value;
  all_rising_ = true;
}

/// The most that exits after lanes.passed can gain over `score`.
double LaneSearch::bound(const PlanningState& now, const Lanes& lanes, double score) noexcept {
  const int exits = schedule_.exits(), first = lanes.passed + 1;
  if (best_later_[first] <= score) return 0.0;
  const LaneTimes& times = schedule_.times().lane;
  double trunk = lanes.trunk;
  for (int exit = first; exit < exits; ++exit) {
    trunk += times.conv[exit];
    earliest_[exit] = std::max(trunk, lanes.free) + times.branch[exit];
  }
  for (int exit = exits - 2; exit >= first; --exit) earliest_[exit] = std::min(earliest_[exit], earliest_[exit + 1]);
  double most = 0.0;
  for (int exit = first; exit < exits && score < best_later_[exit]; ++exit) {
    if (now.scores[exit] <= score) continue;
    most += (now.scores[exit] - score) * schedule_.survival(earliest_[exit]);
    score = now.scores[exit];
  }
  return most * (1.0 + 1e-14);  // The sum is rounded in another order than that of a plan.
}

/// All continuations by one output.
void LaneSearch::extend(const PlanningState& now, std::int32_t parent, Lanes lanes, double score,
                        double value) noexcept {
  for (int exit = lanes.passed + 1; exit < schedule_.exits() && best_later_[exit] > score; ++exit) {
    pass_part(schedule_.times(), lanes);
    const double gain = now.scores[exit] - score;
    if (gain <= 0.0) continue;
    Lanes after = lanes;
    const double survival = schedule_.survival(hand_over(schedule_.times(), after, exit));
    const double next_value = value + gain * survival;
    consider(parent, exit, next_value);
    const double onward = std::max(0.0, best_later_[exit + 1] - now.scores[exit]) * survival;
    if (onward > 0.0 && next_value + onward > best_value_) {
      insert({after.trunk, after.free, next_value, parent, -1, exit}, onward);
    }
  }
}

/// Adds a label to the front of its exit unless it is dominated; drops the labels that it dominates. `onward` limits
/// the gain after it.
void LaneSearch::insert(const Label& label, double onward) noexcept {
  std::int32_t* link = &front_[label.exit];
  while (*link >= 0) {
    Label& other = labels_[*link];
    if (other.trunk <= label.trunk && other.free <= label.free && other.value >= label.value) return;
    if (label.trunk <= other.trunk && label.free <= other.free && label.value >= other.value) {
      *link = other.next;
    } else {
      link = &other.next;
    }
  }
  if (count_ == max_labels_) {
    dropped_ = std::max(dropped_, label.value + onward);
    return;
  }
  labels_[count_] = label;
  *link = count_++;
}

}  // namespace einet::plan
