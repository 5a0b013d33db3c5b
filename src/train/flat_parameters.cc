#include "train/flat_parameters.h"

namespace einet::train {
namespace {

/// All values of a dense tensor in the order of memory.
at::Tensor in_memory_order(const at::Tensor& x) { return x.detach().as_strided({x.numel()}, {1}); }

}  // namespace

FlatParameters::FlatParameters(const std::vector<Interpreter::Parameter>& parameters) : parameters_(parameters) {
  const at::NoGradGuard no_gradients;
  std::vector<at::Tensor> values, decays;
  for (const Interpreter::Parameter& parameter : parameters_) {
    values.push_back(in_memory_order(parameter.value));
    decays.push_back(at::full_like(values.back(), parameter.decays ? 1.0 : 0.0));
  }
  values_ = values.empty() ? at::zeros({0}) : at::cat(values);
  decays_ = values.empty() ? at::zeros({0}) : at::cat(decays);
  const auto views = by_name(values_);
  for (const Interpreter::Parameter& parameter : parameters_) parameter.value.set_data(views.at(parameter.name));
}

at::Tensor FlatParameters::take_gradients() {
  std::vector<at::Tensor> gradients;
  for (Interpreter::Parameter& parameter : parameters_) {
    at::Tensor& gradient = parameter.value.mutable_grad();
    // libtorch gives a gradient the strides of its parameter, so the order in memory is the same.
    gradients.push_back(gradient.defined() ? in_memory_order(gradient)
                                           : at::zeros({parameter.value.numel()}, values_.options()));
    gradient.reset();
  }
  return gradients.empty() ? at::zeros_like(values_) : at::cat(gradients);
}

std::map<std::string, at::Tensor> FlatParameters::by_name(const at::Tensor& flat, const std::string& prefix) const {
  std::map<std::string, at::Tensor> named;
  std::int64_t offset = 0;
  for (const Interpreter::Parameter& parameter : parameters_) {
    named[prefix + parameter.name] = flat.as_strided(parameter.value.sizes(), parameter.value.strides(), offset);
    offset += parameter.value.numel();
  }
  return named;
}

}  // namespace einet::train
