#include "plan/decision_table.h"

#include <algorithm>
#include <cmath>

#include "einet/error.h"

namespace einet::plan {

DecisionTable DecisionTable::of(const ExitPlan& plan) {
  DecisionTable table{.population = plan, .rows = std::vector<Row>(plan.exits())};
  for (int exit = 0; exit < plan.exits(); ++exit) table.rows[exit].next.assign(3, plan.next(exit));
  return table;
}

bool DecisionTable::deviates() const noexcept {
  for (int exit = 0; exit < exits(); ++exit) {
    if (std::ranges::any_of(rows[exit].next, [&](int next) { return next != population.next(exit); })) return true;
  }
  return false;
}

void DecisionTable::validate(const std::string& name) const {
  const auto fail = [&](const std::string& why) { throw Error(ErrorKind::kInvalidData, name, why); };
  if (rows.empty()) fail("the decision table has no exits");
  if (population.exits() != exits()) {
    fail("a decision table of " + std::to_string(exits()) + " exits with a plan of " +
         std::to_string(population.exits()));
  }
  for (int exit = 0; exit < exits(); ++exit) {
    const Row& row = rows[exit];
    const std::string of = "decisions after exit " + std::to_string(exit + 1) + ": ";
    if (std::ranges::any_of(row.edges, [](float edge) { return std::isnan(edge); }) ||
        !std::ranges::is_sorted(row.edges)) {
      fail(of + "confidences must ascend");
    }
    if (row.next.size() != 3 * (row.edges.size() + 1)) {
      fail(of + std::to_string(row.next.size()) + " decisions, expected " + std::to_string(3 * (row.edges.size() + 1)));
    }
    for (const int next : row.next) {
      if (next <= exit || next > exits()) fail(of + "exit " + std::to_string(next + 1) + " is not a later exit");
    }
  }
}

}  // namespace einet::plan
