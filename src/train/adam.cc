#include "train/adam.h"

#include <cmath>

namespace einet::train {

Adam::Adam(FlatParameters& parameters, double weight_decay)
    : parameters_(parameters),
      weight_decay_(weight_decay),
      mean_(at::zeros_like(parameters.values())),
      square_(at::zeros_like(parameters.values())) {}

void Adam::step(at::Tensor& gradient, double learning_rate, std::int64_t number) {
  constexpr double kMean = 0.9;
  constexpr double kSquare = 0.999;
  constexpr double kEpsilon = 1e-8;
  const at::NoGradGuard no_gradients;
  const double mean_bias = 1 - std::pow(kMean, number);
  const double square_bias = 1 - std::pow(kSquare, number);
  at::Tensor& values = parameters_.values();
  if (weight_decay_ > 0) values.addcmul_(values, parameters_.decays(), -learning_rate * weight_decay_);
  mean_.mul_(kMean).add_(gradient, 1 - kMean);
  square_.mul_(kSquare).addcmul_(gradient, gradient, 1 - kSquare);
  values.addcdiv_(mean_, (square_ / square_bias).sqrt_().add_(kEpsilon), -learning_rate / mean_bias);
}

std::map<std::string, at::Tensor> Adam::state() const {
  std::map<std::string, at::Tensor> state = parameters_.by_name(mean_, "mean/");
  state.merge(parameters_.by_name(square_, "square/"));
  return state;
}

}  // namespace einet::train
