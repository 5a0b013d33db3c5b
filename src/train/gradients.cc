#include "train/gradients.h"

#include <cmath>

namespace einet::train {

double clip_gradient(at::Tensor& gradient, double clip_norm) {
  const double norm = gradient.norm().item<double>();
  if (clip_norm > 0 && norm > clip_norm && std::isfinite(norm)) gradient.mul_(clip_norm / norm);
  return norm;
}

}  // namespace einet::train
