#include "sgd.h"

namespace einet::train {

Sgd::Sgd(const std::vector<Interpreter::Parameter>& parameters, double momentum, double weight_decay)
    : parameters_(parameters), momentum_(momentum), weight_decay_(weight_decay) {
  for (const Interpreter::Parameter& parameter : parameters_) {
    velocities_.push_back(at::zeros_like(parameter.value, at::TensorOptions().requires_grad(false)));
  }
}

void Sgd::step(double learning_rate) {
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    at::Tensor value = parameters_[i].value;
    at::Tensor& gradient = value.mutable_grad();
    if (!gradient.defined()) continue;
    if (parameters_[i].decays && weight_decay_ > 0) gradient.add_(value, weight_decay_);
    velocities_[i].mul_(momentum_).add_(gradient);
    value.add_(gradient, -learning_rate).add_(velocities_[i], -learning_rate * momentum_);
    gradient.reset();
  }
}

std::map<std::string, at::Tensor> Sgd::momenta() const {
  std::map<std::string, at::Tensor> named;
  for (std::size_t i = 0; i < parameters_.size(); ++i) named[parameters_[i].name] = velocities_[i];
  return named;
}

}  // namespace einet::train
