#pragma once

#include <map>
#include <string>
#include <vector>

#include "interpreter.h"

namespace einet::train {

/// Stochastic gradient descent with Nesterov momentum (Sutskever et al., ICML 2013, in libtorch's form):
/// g += decay * w;  v = momentum * v + g;  w -= rate * (g + momentum * v).
class Sgd {
 public:
  /// `parameters` must outlive this.
  Sgd(const std::vector<Interpreter::Parameter>& parameters, double momentum, double weight_decay);

  /// Moves the parameters and clears their gradients.
  void step(double learning_rate);

  /// Momenta by parameter name. The tensors are handles, not copies.
  std::map<std::string, at::Tensor> momenta() const;

 private:
  const std::vector<Interpreter::Parameter>& parameters_;
  double momentum_;
  double weight_decay_;
  std::vector<at::Tensor> velocities_;
};

}  // namespace einet::train
