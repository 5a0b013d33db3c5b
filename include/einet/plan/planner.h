#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "einet/plan/distribution.h"
#include "einet/plan/plan.h"

namespace einet::plan {

/// Accuracy expectation of a plan (paper eq. 4, Algorithm 1; DESIGN 3), counted from `start`: the answer in force
/// at the start scores too. `scores[i]` = C_i in [0,1]. Exits at or before start.exit in `plan` are ignored.
double expectation(const BlockTimes& times, const ExitTimeDistribution& distribution, std::span<const double> scores,
                   const ExitPlan& plan, const Start& start = {}) noexcept;

/// A plan and what is known about its worth.
struct Planned {
  ExitPlan plan;             ///< Only exits after the start.
  double expectation = 0.0;  ///< expectation(…, plan, start).
  double upper_bound = 1.0;  ///< No plan is worth more; equals expectation when the planner proved optimality.
};

/// Chooses the exits to execute. Constructed for one network, machine and distribution; owns its workspace, so one
/// planner serves one thread.
class Planner {
 public:
  virtual ~Planner() = default;
  /// The best plan this planner finds for exits after `start`, if exit i is right with probability scores[i]
  /// (one score per exit, those up to start.exit ignored). No allocation, no lock.
  virtual Planned plan(std::span<const double> scores, const Start& start = {}) noexcept = 0;
};

/// Parameters of the planners that have some.
struct PlannerOptions {
  int hybrid_outputs = 3;  ///< m of Algorithm 2: enumerate up to m outputs, then greedy.
  int random_plans = 100;  ///< Plans drawn by `random`.
  unsigned long seed = 1;  ///< Of `random`.
};

/// Makes a planner by name: "exact", "hybrid", "static-25", "static-50", "static-100", … (planner_names()).
/// `distribution` is shared. Throws kUsage (unknown name; the nearest is suggested), kInvalidData (times).
std::unique_ptr<Planner> make_planner(std::string_view name, const BlockTimes& times,
                                      std::shared_ptr<const ExitTimeDistribution> distribution,
                                      const PlannerOptions& options = {});
const std::vector<std::string>& planner_names();

/// Evenly spaced plan with round(fraction * exits) exits, at least one, the last always among them.
ExitPlan static_plan(int exits, double fraction);

}  // namespace einet::plan
