#include "predict/belief.h"

#include <algorithm>
#include <utility>

#include "einet/error.h"

namespace einet::predict {

void BeliefParameters::validate(const std::string& name) const {
  const auto fail = [&](const std::string& fault) { throw Error(ErrorKind::kInvalidData, name, fault); };
  const auto in_unit = [](double value) { return value >= 0.0 && value <= 1.0; };  // false for NaN
  if (target != "confidence" && target != "correctness") {
    fail("target is '" + target + "', expected 'confidence' or 'correctness'");
  }
  if (!in_unit(shrinkage)) fail("shrinkage is " + std::to_string(shrinkage) + ", expected 0 to 1");
  if (prior.empty() || prior.size() > plan::kMaxExits) fail("has " + std::to_string(prior.size()) + " exits");
  if (seen.size() != prior.size() || predicted.size() != prior.size()) {
    fail("has " + std::to_string(prior.size()) + " exits, but " + std::to_string(seen.size()) + " curves of seen and " +
         std::to_string(predicted.size()) + " of predicted scores");
  }
  if (!std::all_of(prior.begin(), prior.end(), in_unit)) fail("a prior is outside 0 to 1");
  for (const Curve& curve : seen) curve.validate(name);
  for (const Curve& curve : predicted) curve.validate(name);
}

Belief::Belief(std::shared_ptr<const BeliefParameters> parameters, std::unique_ptr<Predictor> predictor)
    : parameters_(std::move(parameters)), predictor_(std::move(predictor)) {
  parameters_->validate("beliefs");
  const int exits = parameters_->exits();
  if (!predictor_ && learns()) throw Error(ErrorKind::kInvalidData, "beliefs", "shrinkage above 0 needs a predictor");
  if (predictor_ && predictor_->exits() != exits) {
    throw Error(ErrorKind::kInvalidData, "beliefs",
                "calibrated for " + std::to_string(exits) + " exits, but the predictor has " +
                    std::to_string(predictor_->exits()));
  }
  executed_ = plan::ExitPlan(exits);
  confidence_.resize(exits);
  scores_ = parameters_->prior;
}

void Belief::reset() noexcept {
  executed_ = plan::ExitPlan(parameters_->exits());
  std::copy(parameters_->prior.begin(), parameters_->prior.end(), scores_.begin());
}

void Belief::observe(int exit, float confidence) noexcept {
  if (!learns()) return;
  executed_.insert(exit);
  confidence_[exit] = confidence;
  predictor_->predict(confidence_, executed_, exit, scores_);
  for (int i = 0; i < parameters_->exits(); ++i) {
    const double prior = parameters_->prior[i];
    // Skipped exits never answer in this run: they keep their prior.
    double probability = prior;
    if (i > exit) {
      probability = parameters_->predicted[i](scores_[i]);
    } else if (executed_.contains(i)) {
      probability = parameters_->seen[i](confidence_[i]);
    }
    scores_[i] = std::clamp(prior + parameters_->shrinkage * (probability - prior), 0.0, 1.0);
  }
}

}  // namespace einet::predict
