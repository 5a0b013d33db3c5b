#include <utility>

#include "bundle/timing.h"
#include "einet/planner.h"
#include "policy/elastic.h"
#include "predict/belief.h"
#include "predict/predictor.h"
#include "runtime/model_parts.h"

namespace einet {

std::shared_ptr<const Model> make_model(bundle::Bundle bundle, const ModelOptions& options) {
  bundle.require_weights();
  const auto beliefs = std::make_shared<const predict::BeliefParameters>(bundle.beliefs());
  const std::shared_ptr<const predict::Predictor> predictor = bundle.predictor();

  bundle::Timing timing = bundle::select_timing(bundle, {.threads = options.threads,
                                                         .precision = options.precision,
                                                         .tune = options.tune,
                                                         .measure = options.measure,
                                                         .distribution = options.distribution,
                                                         .planner = options.planner,
                                                         .cache = options.cache});
  ModelParts parts;
  parts.labels = bundle.labels;
  parts.normalization = bundle.normalization;
  parts.program = std::move(timing.program);
  parts.times = timing.profile.times();
  parts.notes = std::move(timing.notes);
  parts.policy = elastic_policies(beliefs, predictor, parts.times,
                                  plan::parse_distribution(options.distribution, parts.times.total()),
                                  {.planner = options.planner});
  return Model::make(std::move(parts));
}

std::shared_ptr<const Model> Model::load(const std::filesystem::path& bundle, const ModelOptions& options) {
  return make_model(bundle::load_bundle(bundle), options);
}

}  // namespace einet
