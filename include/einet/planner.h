#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "einet/api.h"
#include "einet/distribution.h"
#include "einet/plan.h"

namespace einet::plan {

/// Accuracy expectation of a plan (paper eq. 4, Algorithm 1; docs/definitions.md), counted from `start`: an answer that
/// exists at the start also scores, from start.elapsed to the first planned output; the last answer scores until the
/// horizon. `scores[i]` = C_i in [0,1]. Exits at or before start.exit in `plan` are ignored.
///
/// Defined for all arguments: a score, elapsed time or deadline that is NaN or negative counts as 0, 0 or none,
/// respectively; a score above 1 counts as 1; if `times`, `scores` and `plan` differ in the number of exits, the
/// smallest is used.
EINET_API double expectation(const BlockTimes& times, const ExitTimeDistribution& distribution,
                             std::span<const double> scores, const ExitPlan& plan, const Start& start = {}) noexcept;

/// A plan, its expectation, and a bound on that of any plan.
struct Planned {
  ExitPlan plan;             ///< Only exits after the start.
  double expectation = 0.0;  ///< expectation(…, plan, start).
  double upper_bound = 1.0;  ///< No plan has a higher expectation; equals `expectation` if the plan is proven optimal.

  /// Upper bound on what a better planner could gain: 0 if this plan is proven optimal.
  double gap() const noexcept { return upper_bound - expectation; }
};

/// Chooses the exits to execute. Constructed for one network, machine and distribution. Owns its workspace, so each
/// thread needs its own planner.
///
/// Ties favour answering (docs/definitions.md): every planner of make_planner() completes its plan with exits that do
/// not change the expectation but that a run reaches if it is not cut off. Before the first answer the plan is
/// therefore never empty while an exit is left.
class EINET_API Planner {
 public:
  virtual ~Planner() = default;
  /// The best plan that this planner finds for the exits after `start`, where scores[i] is the probability that exit i
  /// is correct (one score per exit; those up to start.exit are ignored). No allocation, no lock.
  ///
  /// Defined for all arguments, as expectation() is: scores that are NaN or negative count as 0, those above 1 as 1,
  /// missing ones as 0; start.exit is clamped to [-1, exits). A subclass may return an empty plan if no output can come
  /// in time.
  virtual Planned plan(std::span<const double> scores, const Start& start = {}) noexcept = 0;
};

/// Parameters of individual planners. A number in the planner's name ("hybrid-2") takes precedence.
struct PlannerOptions {
  int exact_labels =
      1
      << 16;  ///< Of `exact`, for distributions other than uniform: maximum number of partial plans kept, 32 bytes
              ///< each. >= 1. Under 1,000 usually suffice; if the limit is reached, a higher one gives a tighter bound.
  int hybrid_outputs = 3;  ///< m of Algorithm 2: enumerate up to m outputs, then greedy. >= 1.
  int random_plans = 100;  ///< Plans drawn by `random`. >= 1.
  unsigned long seed = 1;  ///< Of `random`.
  double threshold = 0.9;  ///< `threshold` stops at the first exit with at least this confidence, in [0,1].
};

/// Makes a planner by name: "exact", "hybrid", "static-25", "static-50", "static-100", … (planner_names()), or with a
/// number for those that take one: "static-75" (percent), "hybrid-2" (m), "random-1000" (plans), "threshold-0.8".
/// `distribution` is shared. Throws kUsage for an unknown name (with the nearest one as suggestion), a number out of
/// range, or more exits than `enumerate` supports; kInvalidData for invalid times.
EINET_API std::unique_ptr<Planner> make_planner(std::string_view name, const BlockTimes& times,
                                                std::shared_ptr<const ExitTimeDistribution> distribution,
                                                const PlannerOptions& options = {});
/// In alphabetical order, registered ones at the end.
EINET_API const std::vector<std::string>& planner_names();

/// Evenly spaced plan with round(fraction * exits) exits, at least one, the last always among them.
/// 0 < fraction <= 1.
EINET_API ExitPlan static_plan(int exits, double fraction);

/// The arguments of PlannerKind::make. Borrowed for the duration of the call.
struct PlannerRequest {
  const BlockTimes& times;
  std::shared_ptr<const ExitTimeDistribution> distribution;
  const PlannerOptions& options;
  std::optional<double> number;  ///< N of "name-N"; only for kinds with a `number`.
};

/// A kind of planner: its name and a factory. To add one to EINet, put a file `my_own.cc` that defines `PlannerKind
/// my_own_planner()` into src/plan/planners/; no other change is needed. A program that links EINet as a library calls
/// register_planner() instead.
struct PlannerKind {
  std::string name;                   ///< Lower-case letters and dashes.
  std::string summary;                ///< One line, for help.
  std::string number;                 ///< What N means in "name-N"; empty = takes no number.
  std::vector<std::string> variants;  ///< Listed in planner_names() instead of `name`, unless empty.
  std::function<std::unique_ptr<Planner>(const PlannerRequest&)> make;
};

/// All kinds, in the order of planner_names().
EINET_API const std::vector<PlannerKind>& planner_kinds();

/// Adds a kind. Not thread-safe: call it before planners are made. Throws kUsage if the name is taken or `make` is
/// empty.
EINET_API void register_planner(PlannerKind kind);

}  // namespace einet::plan
