#include <limits>
#include <nlohmann/json.hpp>

#include "io/json_object.h"
#include "predict/belief.h"

namespace einet::predict {
namespace {

constexpr int kCalibrationVersion = 1;
constexpr double kLowestScore = std::numeric_limits<double>::lowest();

nlohmann::json to_json(const std::vector<Curve>& curves) {
  nlohmann::json list = nlohmann::json::array();
  for (const Curve& curve : curves) list.push_back({{"score", curve.score}, {"probability", curve.probability}});
  return list;
}

std::vector<Curve> curves_from_json(const std::vector<io::JsonObject>& list) {
  std::vector<Curve> curves;
  for (const io::JsonObject& item : list) {
    curves.push_back({item.numbers("score", kLowestScore), item.numbers("probability", 0)});
  }
  return curves;
}

}  // namespace

nlohmann::json to_json(const BeliefParameters& parameters) {
  return {{"format", "einet-calibration"},
          {"version", kCalibrationVersion},
          {"target", parameters.target},
          {"shrinkage", parameters.shrinkage},
          {"prior", parameters.prior},
          {"seen", to_json(parameters.seen)},
          {"predicted", to_json(parameters.predicted)}};
}

BeliefParameters belief_parameters_from_json(const nlohmann::json& json, const std::string& name) {
  const io::JsonObject root(json, name);
  root.expect_format("einet-calibration", kCalibrationVersion);
  BeliefParameters parameters;
  parameters.target = root.text("target");
  parameters.shrinkage = root.number("shrinkage", 0);
  parameters.prior = root.numbers("prior", 0);
  parameters.seen = curves_from_json(root.objects("seen"));
  parameters.predicted = curves_from_json(root.objects("predicted"));
  parameters.validate(name);
  return parameters;
}

}  // namespace einet::predict
