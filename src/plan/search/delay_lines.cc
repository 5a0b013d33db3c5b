#include "plan/search/delay_lines.h"

#include <limits>

namespace einet::plan {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

}  // namespace

DelayLines::DelayLines(const Schedule& schedule)
    : schedule_(schedule),
      memory_(schedule),
      horizon_(schedule.distribution().horizon()),
      row_end_(schedule.exits() + 1, 0),
      steepest_(schedule.exits()),
      found_(schedule.exits(), Line{kNever, -1, -1}),
      lasts_(schedule.exits()) {
  const std::size_t exits = schedule.exits();
  lines_ = std::make_unique_for_overwrite<Line[]>(exits * (exits + 1) / 2);
}

ExitPlan DelayLines::best(const PlanningState& now) noexcept {
  const int exits = schedule_.exits();
  ExitPlan plan(exits);
  const double left = horizon_ - now.elapsed;
  if (!(left > 0.0)) return plan;
  for (int exit = memory_.first_kept(now) - 1; exit > now.exit; --exit) compute_row(exit, now.scores);

  // The start is an additional row, needed for one delay only.
  const int found = collect(now.score, now.exit + 1, now.scores);
  double most = now.score * horizon_;
  Line best{0.0, -1, -1};
  for (int k = 0; k < found; ++k) {
    Line& line = found_[lasts_[k]];
    const double height = line.height - (now.scores[line.last] - now.score) * now.delay;
    if (height > most) {
      most = height;
      best = line;
    }
    line.next = -1;
  }
  for (int exit = best.next; exit >= 0;) {
    plan.insert(exit);
    const Line* line = row(exit).data();
    while (line->last != best.last) ++line;
    exit = line->next;
  }
  return plan;
}

/// For an answer with `score`, the highest lines of the continuations through exits `first` and later, one per last
/// exit: max over j of (score * ready_j + Y_jL) into found_[L]. Returns their number; lasts_ lists the last exits.
int DelayLines::collect(double score, int first, std::span<const double> scores) noexcept {
  int found = 0;
  if (first == schedule_.exits()) return found;
  const int best = steepest_[first];
  const double rise = scores[best] - score;
  if (rise <= 0.0) return found;
  const double most = scores[best] * horizon_;
  double best_height = kNever;  // Of the line for `best`, almost always the only one.
  int best_next = -1;
  for (int next = first; next < schedule_.exits(); ++next) {
    if (most - rise * schedule_.least_ready(next) <= best_height) break;
    const double until_next = score * schedule_.ready(next);
    for (const Line& onward : row(next)) {
      const double height = until_next + onward.height;
      if (onward.last == best) {
        const bool higher = height > best_height;
        best_height = higher ? height : best_height;
        best_next = higher ? next : best_next;
      } else if (scores[onward.last] > score) {
        Line& line = found_[onward.last];
        if (line.next < 0) lasts_[found++] = onward.last;
        if (line.next < 0 || height > line.height) line = {height, onward.last, static_cast<std::int16_t>(next)};
      }
    }
  }
  if (best_next >= 0) {
    lasts_[found++] = best;
    found_[best] = {best_height, static_cast<std::int16_t>(best), static_cast<std::int16_t>(best_next)};
  }
  return found;
}

void DelayLines::compute_row(int exit, std::span<const double> scores) noexcept {
  const double score = scores[exit];
  const double hold = schedule_.hold(exit);
  const int found = collect(score, exit + 1, scores);

  // The highest line at the greatest delay; then, at decreasing delays, the steeper line that crosses it next.
  const double most_delay = memory_.most_delay(exit);
  Line line{score * (horizon_ - schedule_.ready(exit)), static_cast<std::int16_t>(exit), -1};
  double most = line.height - score * most_delay;
  for (int k = 0; k < found; ++k) {
    Line& other = found_[lasts_[k]];
    other.height += score * (hold - schedule_.ready(exit)) - scores[other.last] * hold;
    const double height = other.height - scores[other.last] * most_delay;
    if (height > most) {
      most = height;
      line = other;
    }
  }
  Line* const begin = lines_.get() + row_end_[exit + 1];
  Line* end = begin;
  while (true) {
    *end++ = line;
    const Line* crossing = nullptr;
    double delay = kNever;
    for (int k = 0; k < found; ++k) {
      const Line& other = found_[lasts_[k]];
      const double steeper = scores[other.last] - scores[line.last];
      if (steeper <= 0.0) continue;
      const double crosses_at = (other.height - line.height) / steeper;
      const bool ties = crossing != nullptr && crosses_at == delay;
      if (crosses_at > delay || (ties && scores[other.last] > scores[crossing->last])) {
        delay = crosses_at;
        crossing = &other;
      }
    }
    if (crossing == nullptr) break;
    line = *crossing;
  }
  row_end_[exit] = row_end_[exit + 1] + static_cast<int>(end - begin);
  for (int k = 0; k < found; ++k) found_[lasts_[k]].next = -1;
  const bool best_so_far = exit + 1 == schedule_.exits() || score > scores[steepest_[exit + 1]];
  steepest_[exit] = best_so_far ? exit : steepest_[exit + 1];
}

}  // namespace einet::plan
