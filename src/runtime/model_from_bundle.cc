#include <tuple>
#include <utility>

#include "einet/plan/planner.h"
#include "einet/predict/belief.h"
#include "einet/predict/predictor.h"
#include "einet/profile/et_profile.h"
#include "einet/profile/tuning_cache.h"
#include "einet/runtime/model.h"

namespace einet {
namespace {

/// The network as it was when its times were measured, and these times; where the bundle has none of this machine, they
/// are measured.
std::pair<std::shared_ptr<const exec::Program>, plan::BlockTimes> compile_here(const bundle::Bundle& bundle,
                                                                               const ModelOptions& options) {
  exec::CompileOptions compile;
  compile.precision = options.precision;
  compile.threads = options.threads;
  const auto found = bundle.timing.find(profile::this_platform(options.threads, options.precision).name);
  if (found != bundle.timing.end()) {
    compile.tuning = found->second.tuning;
    return {exec::compile(bundle.graph, compile), found->second.times()};
  }
  const auto program =
      options.tune ? profile::compile_tuned(bundle.graph, compile) : exec::compile(bundle.graph, compile);
  return {program, profile::measure_times(program).times()};
}

}  // namespace

std::shared_ptr<const Model> Model::make(bundle::Bundle bundle, const ModelOptions& options) {
  bundle.require_weights();
  ModelParts parts;
  parts.labels = bundle.labels;
  parts.normalization = bundle.normalization;
  std::tie(parts.program, parts.times) = compile_here(bundle, options);

  const auto parameters = std::make_shared<const predict::BeliefParameters>(bundle.beliefs());
  const std::shared_ptr<const predict::Predictor> predictor = bundle.predictor();
  if (parameters->shrinkage == 0.0) parts.times.planning.clear();  // no re-planning, so nothing to pay for
  parts.policy = elastic_policies(parameters, predictor, options.planner, parts.times,
                                  plan::parse_distribution(options.distribution, parts.times.total()));
  return make(std::move(parts));
}

std::shared_ptr<const Model> Model::load(const std::filesystem::path& bundle, const ModelOptions& options) {
  return make(bundle::load_bundle(bundle), options);
}

}  // namespace einet
