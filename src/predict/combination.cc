#include "predict/combination.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "einet/error.h"
#include "io/json_object.h"

namespace einet::predict {
namespace {

constexpr int kCombinationVersion = 1;
constexpr double kLowestGain = std::numeric_limits<double>::lowest();

}  // namespace

void CombinationWeights::validate(const std::string& name) const {
  const auto fail = [&](const std::string& fault) { throw Error(ErrorKind::kInvalidData, name, fault); };
  if (keep.empty()) fail("has no weights");
  if (keep.size() != add.size()) {
    fail("has " + std::to_string(keep.size()) + " weights 'keep' and " + std::to_string(add.size()) + " 'add'");
  }
  for (const auto* weights : {&keep, &add}) {
    for (const double weight : *weights) {
      if (!(weight >= 0.0 && weight <= kLargest)) fail("weight " + std::to_string(weight) + " is not in [0,100]");
    }
  }
  if (!(gain >= -1.0 && gain <= 1.0 && gain_stderr >= 0.0)) fail("the gain is not a difference of accuracies");
}

nlohmann::json to_json(const CombinationWeights& weights) {
  return {{"format", "einet-combination"}, {"version", kCombinationVersion},
          {"keep", weights.keep},          {"add", weights.add},
          {"gain", weights.gain},          {"gain_stderr", weights.gain_stderr}};
}

CombinationWeights combination_weights_from_json(const nlohmann::json& json, const std::string& name) {
  const io::JsonObject root(json, name);
  root.expect_format("einet-combination", kCombinationVersion);
  CombinationWeights weights;
  weights.keep = root.numbers("keep", 0);
  weights.add = root.numbers("add", 0);
  weights.gain = root.number("gain", kLowestGain);
  weights.gain_stderr = root.number("gain_stderr", 0);
  weights.validate(name);
  return weights;
}

Combiner::Combiner(std::shared_ptr<const CombinationWeights> weights, int classes)
    : weights_(std::move(weights)), z_(static_cast<std::size_t>(classes)) {}

exec::TopOne Combiner::add(int exit, std::span<const float> log_probabilities) noexcept {
  const auto keep = empty_ ? 0.0f : static_cast<float>(weights_->keep[exit]);
  const auto add = static_cast<float>(weights_->add[exit]);
  if (empty_) std::fill(z_.begin(), z_.end(), 0.0f);
  empty_ = false;
  for (std::size_t k = 0; k < z_.size(); ++k) z_[k] = keep * z_[k] + add * log_probabilities[k];
  return exec::top_one(z_, graph::Head::kLogits);
}

}  // namespace einet::predict
