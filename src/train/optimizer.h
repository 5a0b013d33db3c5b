#pragma once

#include <map>
#include <memory>
#include <string>

#include "train/flat_parameters.h"

namespace einet::train {

/// Updates parameters from their gradient.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  /// Performs step `number` (from 1). `gradient` is in the order of FlatParameters and may be modified.
  virtual void step(at::Tensor& gradient, double learning_rate, std::int64_t number) = 0;
  /// The state to be stored in checkpoints: "KIND/PARAMETER". The tensors are handles, not copies.
  virtual std::map<std::string, at::Tensor> state() const = 0;
};

/// "sgd" or "adam"; throws kUsage for another name. `parameters` must outlive the optimizer.
std::unique_ptr<Optimizer> new_optimizer(const std::string& name, FlatParameters& parameters, double momentum,
                                         double weight_decay);

}  // namespace einet::train
