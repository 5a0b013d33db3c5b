#include "reproduce/planner_trial.h"

#include "einet/planner.h"
#include "einet/time.h"
#include "profile/statistics.h"

namespace einet::reproduce {

PlannerTrial try_planner(const std::string& name, const plan::BlockTimes& times,
                         const std::shared_ptr<const plan::ExitTimeDistribution>& distribution,
                         const std::vector<std::vector<double>>& scores, double seconds_allowed) {
  const auto planner = plan::make_planner(name, times, distribution);
  std::vector<double> expectations, seconds;
  double used = 0.0;
  for (const std::vector<double>& row : scores) {
    const auto begin = Clock::now();
    const plan::Planned planned = planner->plan(row);
    seconds.push_back(Seconds(Clock::now() - begin).count());
    expectations.push_back(planned.expectation);
    used += seconds.back();
    if (used > seconds_allowed) break;
  }
  const int instances = static_cast<int>(expectations.size());
  return {policy::estimate(expectations), profile::median(std::move(seconds)), instances};
}

}  // namespace einet::reproduce
