#include "profile/decision_table_json.h"

#include <cstdint>
#include <nlohmann/json.hpp>

#include "einet/plan.h"
#include "io/json_object.h"

namespace einet::profile {

nlohmann::json to_json(const plan::DecisionTable& table) {
  nlohmann::json population = nlohmann::json::array(), rows = nlohmann::json::array();
  for (int exit = table.population.next(-1); exit < table.exits(); exit = table.population.next(exit)) {
    population.push_back(exit + 1);
  }
  for (const plan::DecisionTable::Row& row : table.rows) {
    nlohmann::json next = nlohmann::json::array();
    for (const int exit : row.next) next.push_back(exit == table.exits() ? 0 : exit + 1);
    rows.push_back({{"confidence", row.edges}, {"next", std::move(next)}});
  }
  return {{"population", std::move(population)}, {"rows", std::move(rows)}};
}

plan::DecisionTable decision_table_from_json(const nlohmann::json& json, const std::string& name) {
  const io::JsonObject root(json, name);
  const std::vector<io::JsonObject> rows = root.objects("rows");
  const int exits = static_cast<int>(rows.size());
  if (exits > plan::kMaxExits) root.fail("rows", "has more rows than a network can have exits");
  const auto exit_numbers = [&](const io::JsonObject& object, const char* field, int least) {
    std::vector<int> numbers;
    for (const std::int64_t number : object.integers(field, least)) {
      if (number > exits) object.fail(field, "has an exit above " + std::to_string(exits));
      numbers.push_back(static_cast<int>(number));
    }
    return numbers;
  };
  plan::DecisionTable table{.population = plan::ExitPlan(exits), .rows = {}};
  for (const int number : exit_numbers(root, "population", 1)) table.population.insert(number - 1);
  for (const io::JsonObject& row : rows) {
    plan::DecisionTable::Row& added = table.rows.emplace_back();
    for (const double edge : row.numbers("confidence", 0)) added.edges.push_back(static_cast<float>(edge));
    for (const int number : exit_numbers(row, "next", 0)) added.next.push_back(number == 0 ? exits : number - 1);
  }
  table.validate(name);
  return table;
}

}  // namespace einet::profile
