#include "gradients.h"

#include <cmath>

namespace einet::train {

double clip_gradients(const std::vector<Interpreter::Parameter>& parameters, double clip_norm) {
  const at::NoGradGuard no_gradients;
  std::vector<at::Tensor> norms;
  std::vector<at::Tensor> gradients;
  for (const Interpreter::Parameter& parameter : parameters) {
    if (!parameter.value.grad().defined()) continue;
    gradients.push_back(parameter.value.grad());
    norms.push_back(gradients.back().norm());
  }
  if (norms.empty()) return 0;
  const double norm = at::stack(norms).norm().item<double>();
  if (clip_norm > 0 && norm > clip_norm && std::isfinite(norm)) at::_foreach_mul_(gradients, clip_norm / norm);
  return norm;
}

}  // namespace einet::train
