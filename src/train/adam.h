#pragma once

#include "flat_parameters.h"

namespace einet::train {

/// Adam with decoupled weight decay (Kingma, Ba, ICLR 2015; Loshchilov, Hutter, ICLR 2019), beta = (0.9, 0.999).
class Adam {
 public:
  /// `parameters` must outlive this.
  Adam(FlatParameters& parameters, double weight_decay);

  /// Moves the parameters against `gradient`, in the order of FlatParameters.
  void step(const at::Tensor& gradient, double learning_rate);

 private:
  FlatParameters& parameters_;
  double weight_decay_;
  std::int64_t steps_ = 0;
  at::Tensor mean_;
  at::Tensor square_;
};

}  // namespace einet::train
