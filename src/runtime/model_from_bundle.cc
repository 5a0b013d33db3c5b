#include <utility>

#include "bundle/timing.h"
#include "einet/planner.h"
#include "policy/decisions.h"
#include "policy/elastic.h"
#include "predict/belief.h"
#include "predict/predictor.h"
#include "profile/frequent_class.h"
#include "runtime/model_parts.h"

namespace einet {

std::shared_ptr<const Model> make_model(bundle::Bundle bundle, const ModelOptions& options) {
  bundle.require_weights();
  const auto beliefs = std::make_shared<const predict::BeliefParameters>(bundle.beliefs());
  const std::shared_ptr<const predict::Predictor> predictor = bundle.predictor();

  bundle::Timing timing = bundle::select_timing(bundle, {.threads = options.threads,
                                                         .lanes = options.branch_lane ? 2 : 1,
                                                         .precision = options.precision,
                                                         .tune = options.tune,
                                                         .measure = options.measure,
                                                         .distribution = options.distribution,
                                                         .planner = options.planner,
                                                         .decision_table = options.decision_table,
                                                         .cache = options.cache});
  ModelParts parts;
  parts.digest = bundle.digest;
  parts.labels = bundle.labels;
  parts.normalization = bundle.normalization;
  parts.preprocessing = bundle.preprocessing;
  parts.program = std::move(timing.program);
  parts.times = timing.times();
  parts.notes = std::move(timing.notes);
  if (bundle.confidences) {
    const profile::ClassShare frequent = profile::most_frequent_class(bundle.confidences->labels);
    parts.frequent = {frequent.label, static_cast<float>(frequent.share)};
  }
  if (bundle.combination) {
    parts.combination = std::make_shared<const predict::CombinationWeights>(std::move(*bundle.combination));
  }
  const auto distribution = plan::parse_distribution(options.distribution, parts.times.total());
  parts.policy = elastic_policies(beliefs, predictor, parts.times, distribution, {.planner = options.planner});
  if (timing.decisions()) {
    const auto table = std::make_shared<const plan::DecisionTable>(*timing.decisions());
    parts.policy = with_decisions(table, distribution->horizon(), std::move(parts.policy));
  }
  return Model::make(std::move(parts));
}

std::shared_ptr<const Model> Model::load(const std::filesystem::path& bundle, const ModelOptions& options) {
  return make_model(bundle::load_bundle(bundle), options);
}

}  // namespace einet
