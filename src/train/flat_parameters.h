#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/interpreter.h"

namespace einet::train {

/// The parameters that an optimizer moves, laid out in one tensor: a step is then a handful of operations, however many
/// parameters there are.
class FlatParameters {
 public:
  /// Moves the values of `parameters` into the one tensor; their handles stay valid and see every change.
  explicit FlatParameters(const std::vector<Interpreter::Parameter>& parameters);

  at::Tensor& values() { return values_; }
  /// 1 where weight decay applies, else 0.
  const at::Tensor& decays() const { return decays_; }
  /// All gradients in the same order, 0 where there is none. Clears them.
  at::Tensor take_gradients();
  /// `flat`, which is like values(), as seen by each parameter, by its name after `prefix`. The tensors are handles,
  /// not copies.
  std::map<std::string, at::Tensor> by_name(const at::Tensor& flat, const std::string& prefix = "") const;

 private:
  std::vector<Interpreter::Parameter> parameters_;
  at::Tensor values_;
  at::Tensor decays_;
};

}  // namespace einet::train
