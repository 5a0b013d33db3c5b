#include "plan/search/delay_paths.h"

#include <algorithm>
#include <limits>

namespace einet::plan {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

DelayPaths::DelayPaths(const Schedule& schedule)
    : schedule_(schedule),
      horizon_(schedule.distribution().horizon()),
      all_lag_(schedule.exits()),
      row_end_(schedule.exits() + 1, 0),
      found_(schedule.exits(), Line{kInfinity, -1, -1}),
      lasts_(schedule.exits()),
      scores_(schedule.exits()),
      computed_from_(schedule.exits()) {
  const std::size_t exits = schedule.exits();
  lines_.resize(exits * (exits + 1) / 2);
  double lag = 0.0;
  for (int i = 0; i < schedule.exits(); ++i) all_lag_[i] = lag += schedule.lag(i - 1, i);
}

ExitPlan DelayPaths::best(const Situation& now) noexcept {
  const int exits = schedule_.exits();
  const double lateness = now.elapsed - (now.exit >= 0 ? all_lag_[now.exit] : 0.0);
  if (lateness > lateness_ || computed_from_ == exits) {
    lateness_ = lateness;
    computed_from_ = exits;
  } else {
    int last_change = exits - 1;
    while (last_change >= computed_from_ && scores_[last_change] == now.scores[last_change]) --last_change;
    computed_from_ = std::max(computed_from_, last_change + 1);
  }
  while (computed_from_ > now.exit + 1) {
    const int exit = --computed_from_;
    scores_[exit] = now.scores[exit];
    compute_row(exit, now.scores, std::max(0.0, horizon_ - lateness_ - all_lag_[exit]));
  }

  const double left = horizon_ - now.elapsed;
  double best_gain = 0.0;
  Line best{0.0, -1, -1};
  for (int exit = now.exit + 1; exit < exits; ++exit) {
    if (now.scores[exit] <= now.score) continue;
    const double time_left = left - schedule_.lag(now.exit, exit);
    for (int k = row_end_[exit + 1]; k < row_end_[exit]; ++k) {
      const double gain = (now.scores[lines_[k].last] - now.score) * time_left - lines_[k].cost;
      if (gain > best_gain) {
        best_gain = gain;
        best = {0.0, lines_[k].last, exit};
      }
    }
  }

  ExitPlan plan(exits);
  for (int exit = best.next; exit >= 0;) {
    plan.insert(exit);
    const Line* line = &lines_[row_end_[exit + 1]];
    while (line->last != best.last) ++line;
    exit = line->next;
  }
  return plan;
}

void DelayPaths::compute_row(int exit, std::span<const double> scores, double least_left) noexcept {
  const int exits = schedule_.exits();
  const double score = scores[exit];
  int found = 0;
  for (int next = exit + 1; next < exits; ++next) {
    if (scores[next] <= score) continue;
    const double lag = schedule_.lag(exit, next);
    for (int k = row_end_[next + 1]; k < row_end_[next]; ++k) {
      const Line& onward = lines_[k];
      const double cost = lag * (scores[onward.last] - score) + onward.cost;
      Line& line = found_[onward.last];
      if (line.last < 0) lasts_[found++] = onward.last;
      if (cost < line.cost) line = {cost, onward.last, next};
    }
  }

  // The upper envelope from least_left on: first the highest line there, then whichever crosses it next.
  Line* row = &lines_[row_end_[exit + 1]];
  int size = 0;
  Line line{0.0, exit, -1};
  double height = 0.0;
  for (int k = 0; k < found; ++k) {
    const Line& other = found_[lasts_[k]];
    const double other_height = (scores[other.last] - score) * least_left - other.cost;
    if (other_height > height || (other_height == height && scores[other.last] > scores[line.last])) {
      height = other_height;
      line = other;
    }
  }
  while (true) {
    row[size++] = line;
    const Line* crossing = nullptr;
    double nearest = kInfinity;
    for (int k = 0; k < found; ++k) {
      const Line& other = found_[lasts_[k]];
      const double steeper = scores[other.last] - scores[line.last];
      if (steeper <= 0.0) continue;
      const double left = (other.cost - line.cost) / steeper;
      if (left < nearest || (left == nearest && scores[other.last] > scores[crossing->last])) {
        nearest = left;
        crossing = &other;
      }
    }
    if (crossing == nullptr) break;
    line = *crossing;
  }
  row_end_[exit] = row_end_[exit + 1] + size;
  for (int k = 0; k < found; ++k) found_[lasts_[k]] = {kInfinity, -1, -1};
}

}  // namespace einet::plan
