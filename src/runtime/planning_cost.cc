#include "einet/runtime/planning_cost.h"

#include <algorithm>
#include <numeric>

#include "einet/core/time.h"

namespace einet {
namespace {

double trimmed_mean(std::vector<double>& seconds) {
  if (seconds.empty()) return 0.0;
  std::sort(seconds.begin(), seconds.end());
  const std::size_t kept = seconds.size() - seconds.size() / 20;
  return std::accumulate(seconds.begin(), seconds.begin() + kept, 0.0) / static_cast<double>(kept);
}

}  // namespace

std::vector<double> measure_planning(Policy& policy, const plan::BlockTimes& times, const profile::CsProfile& profile,
                                     const PlanningCostOptions& options) {
  const int exits = times.exits();
  std::vector<double> planning(exits, 0.0);
  if (!policy.replans()) return planning;

  std::vector<std::vector<double>> seconds(exits);
  const int samples = std::min(options.samples, profile.samples());
  for (int k = 0; k < samples; ++k) {
    const int sample = static_cast<int>(std::int64_t{k} * profile.samples() / samples);
    const int extra = k % exits;
    plan::ExitPlan plan = policy.begin();
    double elapsed = 0.0;
    for (int exit = 0; exit < exits; ++exit) {
      elapsed += times.conv[exit];
      if (!plan.contains(exit) && exit != extra) continue;
      elapsed += times.branch[exit];
      const auto begin = Clock::now();
      const plan::ExitPlan& next = policy.after(exit, profile.confidence_at(sample, exit), elapsed);
      const double spent = Seconds(Clock::now() - begin).count();
      plan = next;
      seconds[exit].push_back(spent);
      elapsed += spent;
    }
  }
  for (int exit = 0; exit < exits; ++exit) planning[exit] = trimmed_mean(seconds[exit]);
  return planning;
}

}  // namespace einet
