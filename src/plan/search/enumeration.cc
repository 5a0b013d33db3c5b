#include "plan/search/enumeration.h"

namespace einet::plan {
namespace {

class Enumeration {
 public:
  Enumeration(const Schedule& schedule, const PlanningState& now)
      : schedule_(schedule), now_(now), plan_(schedule.exits()), best_(schedule.exits()) {}

  /// Tries every plan that continues after output `done`, at `delay`, with at least one more output.
  void extend(int done, double delay, double score, double value) {
    for (int exit = done + 1; exit < schedule_.exits(); ++exit) {
      const double next_score = now_.scores[exit];
      const double next_value = value + (next_score - score) * schedule_.survival(schedule_.ready(exit) + delay);
      if (next_value > best_value_) {
        best_value_ = next_value;
        best_ = plan_;
        best_.insert(exit);
      }
      plan_.insert(exit);
      extend(exit, delay + schedule_.hold(exit), next_score, next_value);
      plan_.erase(exit);
    }
  }

  const ExitPlan& best() const { return best_; }

 private:
  const Schedule& schedule_;
  const PlanningState& now_;
  ExitPlan plan_;
  ExitPlan best_;
  double best_value_ = 0.0;  ///< In addition to the value of the answer in force.
};

}  // namespace

ExitPlan best_of_all(const Schedule& schedule, const PlanningState& now) noexcept {
  Enumeration enumeration(schedule, now);
  enumeration.extend(now.exit, now.delay, now.score, 0.0);
  return enumeration.best();
}

}  // namespace einet::plan
