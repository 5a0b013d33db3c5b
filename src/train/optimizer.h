#pragma once

#include <map>
#include <memory>
#include <string>

#include "train/flat_parameters.h"

namespace einet::train {

/// Moves parameters against their gradient.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  /// Step `number` (from 1) of this optimizer. `gradient` is in the order of FlatParameters; it may be changed.
  virtual void step(at::Tensor& gradient, double learning_rate, std::int64_t number) = 0;
  /// All that must be kept to go on: "KIND/PARAMETER". The tensors are handles, not copies.
  virtual std::map<std::string, at::Tensor> state() const = 0;
};

/// "sgd" or "adam"; throws kUsage for another name. `parameters` must outlive the optimizer.
std::unique_ptr<Optimizer> new_optimizer(const std::string& name, FlatParameters& parameters, double momentum,
                                         double weight_decay);

}  // namespace einet::train
