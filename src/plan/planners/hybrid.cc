// The paper's Algorithm 2: the best of all plans with at most m outputs, then greedy additions to it.
//
// Enumeration finds good pairs and triples that greedy steps miss; greedy steps go where enumeration cannot. m trades
// time for quality: sum_{k <= m} (n choose k) plans are tried, 10,700 for n = 40 and m = 3.
//
// Written to be fast: plans are walked as a tree and cost one evaluation of F each (search/enumeration.h), where the
// paper evaluates each from its first block.
//
// Counter-example: an optimum that does not contain the best plan of m outputs is out of reach, as exits are never
// taken back.

#include <cmath>

#include "plan/registry.h"
#include "plan/schedule.h"
#include "plan/search/enumeration.h"
#include "plan/search/greedy_additions.h"

namespace einet::plan {
namespace {

class Hybrid final : public Planner {
 public:
  explicit Hybrid(const PlannerRequest& request)
      : schedule_(request.times, request.distribution),
        outputs_(static_cast<int>(number_within(request, "hybrid", request.options.hybrid_outputs, 1, kMaxExits))) {}

  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    const Situation now = schedule_.read(scores, start);
    ExitPlan plan = best_of_all(schedule_, now, outputs_);
    add_greedily(schedule_, now, plan);
    return schedule_.unproven(plan, now);
  }

 private:
  Schedule schedule_;
  int outputs_;
};

}  // namespace

PlannerKind hybrid_planner() {
  return {"hybrid",
          "the paper's Algorithm 2: all plans of up to m outputs, then greedy",
          "m",
          {},
          [](const PlannerRequest& request) { return std::make_unique<Hybrid>(request); }};
}

}  // namespace einet::plan
