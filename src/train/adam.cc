#include "adam.h"

#include <cmath>

namespace einet::train {

Adam::Adam(const std::vector<Interpreter::Parameter>& parameters, double weight_decay)
    : parameters_(parameters), weight_decay_(weight_decay) {
  for (const Interpreter::Parameter& parameter : parameters_) {
    means_.push_back(at::zeros_like(parameter.value, at::TensorOptions().requires_grad(false)));
    squares_.push_back(at::zeros_like(parameter.value, at::TensorOptions().requires_grad(false)));
  }
}

void Adam::step(double learning_rate) {
  constexpr double kMean = 0.9;
  constexpr double kSquare = 0.999;
  constexpr double kEpsilon = 1e-8;
  const at::NoGradGuard no_gradients;
  ++steps_;
  const double mean_bias = 1 - std::pow(kMean, steps_);
  const double square_bias = 1 - std::pow(kSquare, steps_);
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    at::Tensor value = parameters_[i].value;
    at::Tensor& gradient = value.mutable_grad();
    if (!gradient.defined()) continue;
    if (parameters_[i].decays && weight_decay_ > 0) value.mul_(1 - learning_rate * weight_decay_);
    means_[i].mul_(kMean).add_(gradient, 1 - kMean);
    squares_[i].mul_(kSquare).addcmul_(gradient, gradient, 1 - kSquare);
    value.addcdiv_(means_[i], (squares_[i] / square_bias).sqrt_().add_(kEpsilon), -learning_rate / mean_bias);
    gradient.reset();
  }
}

}  // namespace einet::train
