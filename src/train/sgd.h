#pragma once

#include "train/optimizer.h"

namespace einet::train {

/// Stochastic gradient descent with Nesterov momentum (Sutskever et al., ICML 2013, in libtorch's form):
/// g += decay * w;  v = momentum * v + g;  w -= rate * (g + momentum * v).
class Sgd final : public Optimizer {
 public:
  /// `parameters` must outlive this.
  Sgd(FlatParameters& parameters, double momentum, double weight_decay);

  void step(at::Tensor& gradient, double learning_rate, std::int64_t number) override;
  std::map<std::string, at::Tensor> state() const override;  ///< "momentum/PARAMETER".

 private:
  FlatParameters& parameters_;
  double momentum_;
  double weight_decay_;
  at::Tensor velocity_;
};

}  // namespace einet::train
