#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <vector>

namespace einet::train {

/// Operators with gradients for channels-last tensors of a CPU, where libtorch's own spend most of a step of a network
/// with narrow layers: they read and write each value once, and the gradients they give are channels-last and dense.

/// What these operators take: [N,C,H,W] of a CPU, dense and channels last, float or bfloat16.
bool suits_channels_last(const at::Tensor& x);

/// A batch normalisation's constants, float.
struct Normalization {
  at::Tensor scale;
  at::Tensor shift;
  at::Tensor mean;      ///< Running; moved by training.
  at::Tensor variance;  ///< Running, unbiased; moved by training.
  double epsilon = 1e-5;
  double momentum = 0.1;  ///< Share of the batch in the new running statistics.
};

/// Normalises with the batch's statistics and moves the running ones; with `relu`, takes the ReLU in the same pass.
at::Tensor norm_relu_training(const at::Tensor& x, const Normalization& normalization, bool relu);

/// The same with the running statistics. Has no gradient.
at::Tensor norm_relu_evaluation(const at::Tensor& x, const Normalization& normalization, bool relu);

/// `readers` handles of one value, one for each that reads it: their gradients are added up at once, in float. Any
/// value; for others than these operators take, and without gradients, libtorch adds them two by two.
std::vector<at::Tensor> fan_out(const at::Tensor& x, std::size_t readers);

/// Concatenation of channels. All parts suit, have one type and differ in channels only.
at::Tensor concat_channels(const std::vector<at::Tensor>& parts);

}  // namespace einet::train
