#include "plan/search/label_search.h"

#include <algorithm>

namespace einet::plan {

LabelSearch::LabelSearch(const Schedule& schedule, int max_labels)
    : schedule_(schedule),
      table_(schedule),
      labels_(std::make_unique_for_overwrite<Label[]>(max_labels)),
      max_labels_(max_labels),
      front_(schedule.exits()) {}

Planned LabelSearch::best(const PlanningState& now) noexcept {
  const int exits = schedule_.exits();
  const double in_force = now.score * schedule_.survival(now.elapsed);
  ExitPlan plan(exits);
  if (!(schedule_.survival(now.elapsed) > 0.0)) return {plan, in_force, in_force};

  count_ = 0;
  best_value_ = dropped_ = 0.0;
  best_parent_ = best_exit_ = -1;
  std::fill(front_.begin(), front_.end(), -1);
  table_.prepare(now);
  dive(now);
  extend(now, -1, now.exit, now.delay, now.score, 0.0);
  for (int exit = now.exit + 1; exit < exits; ++exit) {
    for (std::int32_t at = front_[exit]; at >= 0; at = labels_[at].next) {
      const Label& label = labels_[at];
      const double delay = label.delay + schedule_.hold(exit);
      if (label.value + table_.bound(exit, label.delay) <= best_value_) continue;
      extend(now, at, exit, delay, now.scores[exit], label.value);
    }
  }

  if (best_exit_ >= 0) plan.insert(best_exit_);
  for (std::int32_t at = best_parent_; at >= 0; at = labels_[at].parent) plan.insert(labels_[at].exit);
  const double value = schedule_.value(plan, now);
  return {plan, value, dropped_ > best_value_ ? std::max(value, in_force + dropped_) : value};
}

void LabelSearch::consider(std::int32_t parent, int exit, double value) noexcept {
  if (value <= best_value_) return;
  best_value_ = value;
  best_parent_ = parent;
  best_exit_ = exit;
}

/// The first plan: always continues with the exit of the highest bound.
void LabelSearch::dive(const PlanningState& now) noexcept {
  Label at{now.delay, 0.0, -1, -1, now.exit};
  double score = now.score;
  while (true) {
    double most = 0.0;
    int next = -1;
    for (int exit = at.exit + 1; exit < schedule_.exits(); ++exit) {
      const double gain = now.scores[exit] - score;
      if (gain <= 0.0) continue;
      const double promise = gain * table_.survival_bound(exit, at.delay) + table_.bound(exit, at.delay);
      if (promise > most) {
        most = promise;
        next = exit;
      }
    }
    if (next < 0) return;
    const std::int32_t parent = at.exit == now.exit ? -1 : append(at);
    if (parent < 0 && at.exit != now.exit) return;
    const double value = at.value + (now.scores[next] - score) * schedule_.survival(schedule_.ready(next) + at.delay);
    consider(parent, next, value);
    at = {at.delay + schedule_.hold(next), value, parent, -1, next};
    score = now.scores[next];
  }
}

/// All continuations of output `done` by one output; `delay` is that of the next output.
void LabelSearch::extend(const PlanningState& now, std::int32_t parent, int done, double delay, double score,
                         double value) noexcept {
  for (int exit = done + 1; exit < schedule_.exits(); ++exit) {
    const double gain = now.scores[exit] - score;
    if (gain <= 0.0) continue;
    const double onward = table_.bound(exit, delay);
    if (value + gain * table_.survival_bound(exit, delay) + onward <= best_value_) continue;
    const double next_value = value + gain * schedule_.survival(schedule_.ready(exit) + delay);
    consider(parent, exit, next_value);
    if (next_value + onward <= best_value_) continue;
    insert({delay, next_value, parent, -1, exit});
  }
}

std::int32_t LabelSearch::append(const Label& label) noexcept {
  if (count_ == max_labels_) return -1;
  labels_[count_] = label;
  return count_++;
}

/// Adds a label to the front of its exit unless it is dominated; drops the labels that it dominates.
void LabelSearch::insert(const Label& label) noexcept {
  std::int32_t* link = &front_[label.exit];
  while (*link >= 0 && labels_[*link].delay <= label.delay) {
    if (labels_[*link].value >= label.value) return;
    link = &labels_[*link].next;
  }
  std::int32_t after = *link;
  while (after >= 0 && labels_[after].value <= label.value) after = labels_[after].next;
  *link = after;
  const std::int32_t at = append(label);
  if (at < 0) {
    dropped_ = std::max(dropped_, label.value + table_.bound(label.exit, label.delay));
    return;
  }
  labels_[at].next = after;
  *link = at;
}

}  // namespace einet::plan
