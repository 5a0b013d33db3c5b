#include "train/sgd.h"

namespace einet::train {

Sgd::Sgd(FlatParameters& parameters, double momentum, double weight_decay)
    : parameters_(parameters),
      momentum_(momentum),
      weight_decay_(weight_decay),
      velocity_(at::zeros_like(parameters.values())) {}

void Sgd::step(at::Tensor& gradient, double learning_rate, std::int64_t) {
  const at::NoGradGuard no_gradients;
  at::Tensor& values = parameters_.values();
  if (weight_decay_ > 0) gradient.addcmul_(values, parameters_.decays(), weight_decay_);
  velocity_.mul_(momentum_).add_(gradient);
  values.add_(gradient, -learning_rate).add_(velocity_, -learning_rate * momentum_);
}

std::map<std::string, at::Tensor> Sgd::state() const { return parameters_.by_name(velocity_, "momentum/"); }

}  // namespace einet::train
