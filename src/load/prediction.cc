#include "load/prediction.h"

#include "policy/simulate.h"
#include "runtime/model_parts.h"

namespace einet::load {

Prediction predict(const Model& model, Publish publish, const profile::CsProfile& profile, std::span<const int> samples,
                   double deadline) {
  const auto policy = model.new_policy();
  policy::Simulation simulation(*policy, publish, profile, model.times(), model.parts().combination);
  int answered = 0, right = 0;
  for (const int sample : samples) {
    const auto shown = simulation.run(sample, deadline);
    if (shown.empty()) continue;
    ++answered;
    if (shown.back().right) ++right;
  }
  const auto all = static_cast<double>(samples.size());
  return {.answered = answered / all, .right = right / all};
}

}  // namespace einet::load
