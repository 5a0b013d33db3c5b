#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/interpreter.h"

namespace einet::train {

/// The parameters of an optimizer in a single tensor, so that a step takes only a few operations, however many
/// parameters there are.
class FlatParameters {
 public:
  /// Moves the values of `parameters` into the tensor; their handles remain valid and refer to it.
  explicit FlatParameters(const std::vector<Interpreter::Parameter>& parameters);

  at::Tensor& values() { return values_; }
  /// 1 for values with weight decay, otherwise 0.
  const at::Tensor& decays() const { return decays_; }
  /// All gradients in the same order, 0 for parameters without one. Clears them.
  at::Tensor take_gradients();
  /// Splits `flat`, a tensor like values(), into one tensor per parameter; keys are `prefix` plus the parameter's name.
  /// The tensors are handles, not copies.
  std::map<std::string, at::Tensor> by_name(const at::Tensor& flat, const std::string& prefix = "") const;

 private:
  std::vector<Interpreter::Parameter> parameters_;
  at::Tensor values_;
  at::Tensor decays_;
};

}  // namespace einet::train
