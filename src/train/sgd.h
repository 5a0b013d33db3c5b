#pragma once

#include <map>
#include <string>

#include "flat_parameters.h"

namespace einet::train {

/// Stochastic gradient descent with Nesterov momentum (Sutskever et al., ICML 2013, in libtorch's form):
/// g += decay * w;  v = momentum * v + g;  w -= rate * (g + momentum * v).
class Sgd {
 public:
  /// `parameters` must outlive this.
  Sgd(FlatParameters& parameters, double momentum, double weight_decay);

  /// Moves the parameters against `gradient`, in the order of FlatParameters.
  void step(at::Tensor gradient, double learning_rate);

  /// Momenta by parameter name. The tensors are handles, not copies.
  std::map<std::string, at::Tensor> momenta() const { return parameters_.by_name(velocity_); }

 private:
  FlatParameters& parameters_;
  double momentum_;
  double weight_decay_;
  at::Tensor velocity_;
};

}  // namespace einet::train
