#include "einet/plan.h"

#include <cmath>
#include <numeric>
#include <string>

#include "einet/error.h"

namespace einet::plan {
namespace {

void require(bool holds, const std::string& why) {
  if (!holds) throw Error(ErrorKind::kInvalidData, "block times", why);
}

void require_times(const std::vector<double>& times, const char* name) {
  for (std::size_t i = 0; i < times.size(); ++i) {
    require(std::isfinite(times[i]) && times[i] >= 0.0, std::string(name) + " time of exit " + std::to_string(i + 1) +
                                                            " is " + std::to_string(times[i]) +
                                                            "; it must be finite and not negative");
  }
}

}  // namespace

ExitPlan ExitPlan::all(int exits) {
  ExitPlan plan(exits);
  for (int i = 0; i < exits; ++i) plan.insert(i);
  return plan;
}

int ExitPlan::count() const noexcept {
  return std::accumulate(words_.begin(), words_.end(), 0,
                         [](int sum, std::uint64_t word) { return sum + std::popcount(word); });
}

double BlockTimes::total() const {
  return std::accumulate(branch.begin(), branch.end(), std::accumulate(conv.begin(), conv.end(), 0.0));
}

void BlockTimes::validate() const {
  require(!conv.empty(), "the network has no exits");
  require(conv.size() <= kMaxExits,
          std::to_string(conv.size()) + " exits; at most " + std::to_string(kMaxExits) + " are supported");
  require(branch.size() == conv.size(),
          std::to_string(conv.size()) + " conv parts but " + std::to_string(branch.size()) + " branches");
  require(planning.empty() || planning.size() == conv.size(),
          std::to_string(conv.size()) + " conv parts but " + std::to_string(planning.size()) + " planning times");
  require_times(conv, "conv");
  require_times(branch, "branch");
  require_times(planning, "planning");
  if (lane.conv.empty() && lane.busy.empty() && lane.branch.empty()) return;
  require(lane.conv.size() == conv.size() && lane.busy.size() == conv.size() && lane.branch.size() == conv.size(),
          "the times of two lanes are for another number of exits");
  require_times(lane.conv, "two-lane conv");
  require_times(lane.busy, "two-lane busy conv");
  require_times(lane.branch, "two-lane branch");
  for (std::size_t i = 0; i < conv.size(); ++i) {
    require(lane.busy[i] >= lane.conv[i],
            "conv part " + std::to_string(i + 1) + " is faster while the branch lane is busy");
  }
}

}  // namespace einet::plan
