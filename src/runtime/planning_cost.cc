#include "einet/runtime/planning_cost.h"

#include <algorithm>
#include <atomic>

#include "einet/profile/statistics.h"

namespace einet {

std::vector<double> measure_planning(Policy& policy, const exec::Program& program, const profile::CsProfile& profile,
                                     const PlanningCostOptions& options) {
  const int exits = program.exits();
  std::vector<double> planning(exits, 0.0);
  if (!policy.replans() || profile.samples() == 0) return planning;

  const auto execution = program.new_execution();
  const std::vector<float> input(program.input_size(), 0.5f);
  const std::atomic<bool> never{false};
  std::vector<std::vector<double>> seconds(exits);
  const int samples = std::min(options.samples, profile.samples());
  const auto until = Clock::now() + options.budget;
  for (int k = 0; k < samples && (k < 10 || Clock::now() < until); ++k) {
    const int sample = static_cast<int>(std::int64_t{k} * profile.samples() / samples);
    const int extra = k % exits;
    execution->set_input(input);
    for (int exit = 0; exit < exits; ++exit) {  // the run before: it leaves nothing of the planner in the caches
      execution->run_conv_part(exit, never);
      execution->run_branch(exit, never);
    }
    const auto begin = Clock::now();
    const plan::ExitPlan* plan = &policy.begin();
    for (int exit = 0; exit < exits; ++exit) {
      execution->run_conv_part(exit, never);
      if (!plan->contains(exit) && exit != extra) continue;
      execution->run_branch(exit, never);
      const auto answered = Clock::now();
      plan = &policy.after(exit, profile.confidence_at(sample, exit), Seconds(answered - begin).count());
      seconds[exit].push_back(Seconds(Clock::now() - answered).count());
    }
  }
  double sum = 0.0;
  int measured = 0;
  for (int exit = 0; exit < exits; ++exit) {
    if (seconds[exit].empty()) continue;
    planning[exit] = profile::median(seconds[exit]);
    sum += planning[exit];
    ++measured;
  }
  for (int exit = 0; exit < exits; ++exit) {
    if (seconds[exit].empty()) planning[exit] = sum / measured;
  }
  return planning;
}

}  // namespace einet
