#include <utility>

#include "einet/core/error.h"
#include "einet/plan/planner.h"
#include "einet/predict/belief.h"
#include "einet/predict/predictor.h"
#include "einet/profile/et_profile.h"
#include "einet/runtime/model.h"

namespace einet {
namespace {

plan::BlockTimes times_here(const bundle::Bundle& bundle, const std::shared_ptr<const exec::Program>& program) {
  const auto found = bundle.timing.find(profile::this_platform().name);
  return (found != bundle.timing.end() ? found->second : profile::measure_times(program)).times();
}

/// Parameters and predictor of the bundle's fit, or without one the accuracies of the exits and no predictor.
std::pair<std::shared_ptr<const predict::BeliefParameters>, std::shared_ptr<const predict::Predictor>> beliefs_of(
    const bundle::Bundle& bundle) {
  if (bundle.fit) {
    auto parameters = std::make_shared<const predict::BeliefParameters>(bundle.fit->beliefs);
    if (parameters->shrinkage == 0.0) return {parameters, nullptr};
    return {parameters, predict::onnx_predictor(bundle.fit->predictor)};
  }
  if (!bundle.confidences) {
    throw Error(ErrorKind::kNotFound, bundle.name,
                "has neither a fitted predictor nor a CS-profile to plan by; run einet profile with --data");
  }
  auto parameters = std::make_shared<predict::BeliefParameters>();
  for (int exit = 0; exit < bundle.exits(); ++exit) parameters->prior.push_back(bundle.confidences->accuracy(exit));
  parameters->seen.resize(bundle.exits());
  parameters->predicted.resize(bundle.exits());
  return {parameters, nullptr};
}

}  // namespace

std::shared_ptr<const Model> Model::make(bundle::Bundle bundle, const ModelOptions& options) {
  ModelParts parts;
  parts.program = exec::compile(bundle.graph);
  parts.labels = bundle.labels;
  parts.normalization = bundle.normalization;
  parts.times = times_here(bundle, parts.program);

  auto [parameters, predictor] = beliefs_of(bundle);
  if (parameters->shrinkage == 0.0) parts.times.planning.clear();  // no re-planning, so nothing to pay for
  parts.policy = elastic_policies(parameters, predictor, options.planner, parts.times,
                                  plan::parse_distribution(options.distribution, parts.times.total()));
  return make(std::move(parts));
}

std::shared_ptr<const Model> Model::load(const std::filesystem::path& bundle, const ModelOptions& options) {
  return make(bundle::load_bundle(bundle), options);
}

}  // namespace einet
