#pragma once

#include <vector>

#include "interpreter.h"

namespace einet::train {

/// Adam with decoupled weight decay (Kingma, Ba, ICLR 2015; Loshchilov, Hutter, ICLR 2019), beta = (0.9, 0.999).
class Adam {
 public:
  /// `parameters` must outlive this.
  Adam(const std::vector<Interpreter::Parameter>& parameters, double weight_decay);

  /// Moves the parameters and clears their gradients.
  void step(double learning_rate);

 private:
  const std::vector<Interpreter::Parameter>& parameters_;
  double weight_decay_;
  std::int64_t steps_ = 0;
  std::vector<at::Tensor> means_;
  std::vector<at::Tensor> squares_;
};

}  // namespace einet::train
