#include "plan/search/enumeration.h"

namespace einet::plan {
namespace {

template <class Law>
class Enumeration {
 public:
  using State = typename Law::State;

  Enumeration(const Law& law, const PlanningState& now)
      : law_(law), schedule_(law.schedule), now_(now), plan_(schedule_.exits()), best_(schedule_.exits()) {}

  /// Tries every plan that continues after output `done`, in `state`, with at least one more output.
  void extend(int done, const State& state, double score, double value) {
    for (int exit = done + 1; exit < schedule_.exits(); ++exit) {
      const double next_score = now_.scores[exit];
      State next = state;
      const double next_value = value + (next_score - score) * schedule_.survival(law_.output(next, exit));
      if (next_value > best_value_) {
        best_value_ = next_value;
        best_ = plan_;
        best_.insert(exit);
      }
      plan_.insert(exit);
      extend(exit, next, next_score, next_value);
      plan_.erase(exit);
    }
  }

  const ExitPlan& best() const { return best_; }

 private:
  const Law law_;
  const Schedule& schedule_;
  const PlanningState& now_;
  ExitPlan plan_;
  ExitPlan best_;
  double best_value_ = 0.0;  ///< In addition to the value of the answer in force.
};

}  // namespace

ExitPlan best_of_all(const Schedule& schedule, const PlanningState& now) noexcept {
  return with_law(schedule, [&](const auto& law) {
    Enumeration enumeration(law, now);
    enumeration.extend(now.exit, law.start(now), now.score, 0.0);
    return enumeration.best();
  });
}

}  // namespace einet::plan
