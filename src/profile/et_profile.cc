#include "profile/et_profile.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "einet/error.h"

namespace einet::profile {
namespace {

void check_times(const std::vector<double>& times, const std::string& name, const std::string& field) {
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (std::isfinite(times[i]) && times[i] >= 0.0) continue;
    throw Error(ErrorKind::kInvalidData, name,
                "time " + field + "[" + std::to_string(i) + "] is " + std::to_string(times[i]));
  }
}

void check_stats(const std::vector<TimeStat>& stats, const std::string& name, const std::string& field) {
  for (std::size_t i = 0; i < stats.size(); ++i) {
    const TimeStat& stat = stats[i];
    check_times({stat.mean, stat.p10, stat.p50, stat.p90, stat.p99}, name, field + "[" + std::to_string(i) + "]");
  }
}

}  // namespace

std::string TimingQuality::text() const {
  char line[96];
  std::snprintf(line, sizeof line, "p90/p10 = %.1f, waited %.0f %% of the time", total.spread(), 100 * waiting);
  return line;
}

plan::BlockTimes EtProfile::times() const {
  plan::BlockTimes times;
  for (const TimeStat& stat : conv) times.conv.push_back(stat.p50);
  for (const TimeStat& stat : branch) times.branch.push_back(stat.p50);
  times.planning = planning;
  return times;
}

plan::BlockTimes EtProfile::times(int lane_count) const {
  plan::BlockTimes result = times();
  if (lane_count == 1) return result;
  result.planning = lanes->planning;
  for (int exit = 0; exit < exits(); ++exit) {
    result.lane.conv.push_back(lanes->conv[exit].p50);
    result.lane.busy.push_back(std::max(lanes->conv[exit].p50, lanes->busy[exit]));
    result.lane.branch.push_back(lanes->branch[exit].p50);
  }
  return result;
}

double EtProfile::run_seconds() const {
  if (quality) return quality->total.p50;
  double sum = 0.0;
  for (const auto* stats : {&conv, &branch}) {
    for (const TimeStat& stat : *stats) sum += stat.p50;
  }
  return sum;
}

void EtProfile::validate(const std::string& name) const {
  if (conv.empty()) throw Error(ErrorKind::kInvalidData, name, "has times of no exit");
  if (conv.size() > plan::kMaxExits) {
    throw Error(ErrorKind::kInvalidData, name, "has times of more than " + std::to_string(plan::kMaxExits) + " exits");
  }
  if (branch.size() != conv.size()) {
    throw Error(
        ErrorKind::kInvalidData, name,
        "has " + std::to_string(conv.size()) + " conv parts but " + std::to_string(branch.size()) + " branches");
  }
  if (!planning.empty() && planning.size() != conv.size()) {
    throw Error(
        ErrorKind::kInvalidData, name,
        "has " + std::to_string(planning.size()) + " planning times for " + std::to_string(conv.size()) + " exits");
  }
  if (decisions && decisions->exits() != exits()) {
    throw Error(
        ErrorKind::kInvalidData, name,
        "has decisions for " + std::to_string(decisions->exits()) + " exits, but times for " + std::to_string(exits()));
  }
  if (lanes) {
    if (lanes->conv.size() != conv.size() || lanes->busy.size() != conv.size() || lanes->branch.size() != conv.size() ||
        (!lanes->planning.empty() && lanes->planning.size() != conv.size()) ||
        (lanes->decisions && lanes->decisions->exits() != exits())) {
      throw Error(ErrorKind::kInvalidData, name,
                  "has times with two lanes that are not for " + std::to_string(exits()) + " exits");
    }
    check_stats(lanes->conv, name, "lanes.conv");
    check_times(lanes->busy, name, "lanes.busy");
    check_stats(lanes->branch, name, "lanes.branch");
    check_times(lanes->planning, name, "lanes.planning");
    check_times({lanes->waiting}, name, "lanes.waiting");
  }
  check_stats(conv, name, "conv");
  check_stats(branch, name, "branch");
  check_times(planning, name, "planning");
  if (quality) {
    check_stats({quality->total}, name, "quality.total");
    check_times({quality->excess, quality->waiting}, name, "quality");
  }
}

}  // namespace einet::profile
