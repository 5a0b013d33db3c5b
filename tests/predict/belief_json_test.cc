#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "expect_error.h"
#include "predict/belief.h"

namespace einet::predict {
namespace {

BeliefParameters example() {
  BeliefParameters parameters;
  parameters.target = "correctness";
  parameters.shrinkage = 0.25;
  parameters.prior = {0.5, 0.625};
  parameters.seen = {{{0.1, 0.9}, {0.2, 0.7}}, {}};
  parameters.predicted = {{{-0.5}, {0.3}}, {{0.1, 0.2}, {0.3, 0.4}}};
  return parameters;
}

TEST(BeliefJson, RoundTrips) {
  const nlohmann::json json = to_json(example());
  const BeliefParameters after = belief_parameters_from_json(nlohmann::json::parse(json.dump()), "c.json");
  EXPECT_EQ(to_json(after), json);
  EXPECT_EQ(after.target, "correctness");
  EXPECT_EQ(after.shrinkage, 0.25);
  EXPECT_EQ(after.seen[0].probability, (std::vector<double>{0.2, 0.7}));
  EXPECT_EQ(after.predicted[0].score, (std::vector<double>{-0.5}));
}

TEST(BeliefJson, RejectsEachFault) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<std::pair<std::string, std::function<void(nlohmann::json&)>>> faults = {
      {"field 'format' is missing", [](auto& json) { json.erase("format"); }},
      {"newer than", [](auto& json) { json["version"] = 2; }},
      {"target is 'luck'", [](auto& json) { json["target"] = "luck"; }},
      {"shrinkage is 1.5", [](auto& json) { json["shrinkage"] = 1.5; }},
      {"field 'shrinkage' is negative", [](auto& json) { json["shrinkage"] = -0.5; }},
      {"field 'shrinkage' is not finite", [&](auto& json) { json["shrinkage"] = nan; }},
      {"field 'prior[0]' is not a number", [](auto& json) { json["prior"][0] = "x"; }},
      {"a prior is outside 0 to 1", [](auto& json) { json["prior"][1] = 1.25; }},
      {"has 0 exits", [](auto& json) { json["prior"] = nlohmann::json::array(); }},
      {"has 2 exits, but 1 curves of seen and 2 of predicted", [](auto& json) { json["seen"].erase(1); }},
      {"field 'seen[0].score' is missing", [](auto& json) { json["seen"][0].erase("score"); }},
      {"a curve has 2 scores but 1 probabilities", [](auto& json) { json["seen"][0]["probability"].erase(0); }},
      {"knot 1 of a curve is out of order", [](auto& json) { json["predicted"][1]["score"][1] = 0.0; }},
      {"is not a JSON object", [](auto& json) { json = 3; }},
  };
  for (const auto& [expected, spoil] : faults) {
    nlohmann::json json = to_json(example());
    spoil(json);
    expect_error(ErrorKind::kInvalidData, "c.json: ", [&] { belief_parameters_from_json(json, "c.json"); });
    expect_error(ErrorKind::kInvalidData, expected, [&] { belief_parameters_from_json(json, "c.json"); });
  }
}

}  // namespace
}  // namespace einet::predict
