#pragma once

#include "train/optimizer.h"

namespace einet::train {

/// Adam with decoupled weight decay (Kingma, Ba, ICLR 2015; Loshchilov, Hutter, ICLR 2019), beta = (0.9, 0.999).
class Adam final : public Optimizer {
 public:
  /// `parameters` must outlive this.
  Adam(FlatParameters& parameters, double weight_decay);

  void step(at::Tensor& gradient, double learning_rate, std::int64_t number) override;
  std::map<std::string, at::Tensor> state() const override;  ///< "mean/PARAMETER", "square/PARAMETER".

 private:
  FlatParameters& parameters_;
  double weight_decay_;
  at::Tensor mean_;
  at::Tensor square_;
};

}  // namespace einet::train
