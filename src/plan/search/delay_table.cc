#include "plan/search/delay_table.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "plan/search/most_gain.h"

namespace einet::plan {
namespace {

constexpr int kPointsPerExit = 8;  ///< Grid steps per mean hold().
constexpr int kMinPoints = 64;
constexpr int kMaxPoints = 1024;

}  // namespace

DelayTable::DelayTable(const Schedule& schedule)
    : schedule_(schedule),
      memory_(schedule),
      deadline_(std::numeric_limits<double>::quiet_NaN()),
      rise_(schedule.exits()),
      soonest_(schedule.exits()) {
  const int exits = schedule.exits();
  const double span = schedule.full_delay(exits);
  const int points = std::clamp(kPointsPerExit * exits, kMinPoints, kMaxPoints);
  // Subnormal times would give a step of 0.
  step_ = span > 0.0 ? std::max(span / points, std::numeric_limits<double>::min()) : 1.0;
  // Runs may be early by an eighth of the conv parts' time and late by an eighth of the full delay; beyond that, bounds
  // are valid but loose.
  const double early = (schedule.ready(exits - 1) - schedule.hold(exits - 1)) / 8.0;
  zero_ = static_cast<int>(std::ceil(std::clamp(early / step_, 0.0, points / 2.0)));
  points_ = zero_ + points + points / 8 + 2;
  stride_ = static_cast<std::size_t>(points_) + kGainOverrun;
  survival_ = std::make_unique<double[]>(exits * stride_);
  bound_ = std::make_unique<double[]>(exits * stride_);
  double longest = 0.0;
  for (int i = 0; i < exits; ++i) longest = std::max(longest, schedule.hold(i));
  leave_.resize(stride_ + static_cast<std::size_t>(longest / step_) + 2);
  for (int i = exits - 1, soonest = i; i >= 0; --i) {
    if (schedule.ready(i) <= schedule.ready(soonest)) soonest = i;
    soonest_[i] = soonest;
  }
}

void DelayTable::fill_survival() noexcept {
  version_ = schedule_.distribution().version();
  deadline_ = schedule_.deadline();
  double drop = 0.0;
  for (int exit = 0; exit < schedule_.exits(); ++exit) {
    double* row = survival_row(exit);
    for (std::size_t k = 0; k < stride_; ++k) {
      row[k] = schedule_.survival(schedule_.ready(exit) + (static_cast<double>(k) - zero_) * step_);
      if (k > 0) drop = std::max(drop, row[k - 1] - row[k]);
    }
  }
  // A known deadline is a step.
  slack_ = deadline_ < kNoDeadline ? 1.0 : schedule_.distribution().concavity(step_);
  interpolates_ = slack_ < drop / 4.0;
}

void DelayTable::prepare(const PlanningState& now) noexcept {
  if (version_ != schedule_.distribution().version() || deadline_ != schedule_.deadline()) {
    fill_survival();
    memory_.forget();
  }
  for (int exit = memory_.first_kept(now) - 1; exit > now.exit; --exit) compute_row(exit, now.scores);
}

double DelayTable::bound(int exit, double delay) const noexcept {
  const int point = point_below(delay);
  if (point < 0) return rise_[exit];
  const double* row = bound_row(exit);
  if (!interpolates_ || point < zero_) return row[point];
  const double share = std::min(1.0, delay / step_ - (point - zero_));
  return row[point] + share * (row[point + 1] - row[point]) + slack_ * rise_[exit];
}

double DelayTable::survival_bound(int exit, double delay) const noexcept {
  const int point = point_below(delay);
  return point < 0 ? 1.0 : survival_row(exit)[point];
}

int DelayTable::point_below(double delay) const noexcept {
  return static_cast<int>(std::floor(std::clamp(delay / step_ + zero_, -1.0, points_ - 1.0)));
}

void DelayTable::compute_row(int exit, std::span<const double> scores) noexcept {
  double best = scores[exit];
  if (exit + 1 < schedule_.exits()) best = std::max(best, scores[exit + 1] + rise_[exit + 1]);
  rise_[exit] = best - scores[exit];

  // W is U shifted by `shift` steps; `share` is the position between two points of U.
  const double hold = schedule_.hold(exit) / step_;
  const int shift = static_cast<int>(std::floor(hold));
  const double share = hold - shift;
  const int first = std::max(0, point_below(memory_.least_delay()));
  const int last = std::min(points_ - 1, std::max(first, point_below(memory_.most_delay(exit)) + 1));
  const GainQuery query{survival_.get(), bound_.get(), stride_, scores.data(),
                        soonest_.data(), rise_[exit],  exit,    schedule_.exits()};
  const int on_grid = std::min(last + shift + 1, points_ - 1);
  most_gain(query, std::min(first + shift, points_ - 1), on_grid, leave_.data());
  // Beyond the grid, U is at most that at its end.
  std::fill(leave_.begin() + on_grid + 1, leave_.begin() + std::max(on_grid, last + shift + 1) + 1, leave_[on_grid]);

  double* row = bound_row(exit);
  const double* leave = leave_.data() + shift;
  const double slack = slack_ * rise_[exit];
  const int interpolate_from = interpolates_ ? std::clamp(zero_, first, last + 1) : last + 1;
  std::copy(leave + first, leave + interpolate_from, row + first);
  for (int k = interpolate_from; k <= last; ++k) row[k] = leave[k] + share * (leave[k + 1] - leave[k]) + slack;
  // Rows are read up to one point further: W is non-increasing, so the last value is a bound there.
  row[last + 1] = row[last];
}

}  // namespace einet::plan
