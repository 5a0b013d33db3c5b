#pragma once

#include <ATen/ATen.h>

#include <cstddef>
#include <vector>

namespace einet::train {

/// Operators with gradients for channels-last tensors on a CPU. libtorch's own take most of the time of a step in
/// networks with narrow layers. These read and write each value once, and their gradients are channels-last and dense.

/// Whether these operators support `x`: [N,C,H,W] on a CPU, dense and channels-last, float or bfloat16.
bool suits_channels_last(const at::Tensor& x);

/// The constants of a batch normalisation, float.
struct Normalization {
  at::Tensor scale;
  at::Tensor shift;
  at::Tensor mean;      ///< Running; updated by training.
  at::Tensor variance;  ///< Running, unbiased; updated by training.
  double epsilon = 1e-5;
  double momentum = 0.1;  ///< Share of the batch in the new running statistics.
};

/// Normalises with the batch's statistics and updates the running ones; with `relu`, applies ReLU in the same pass. If
/// processes share the batch (SharedBatch) and synchronize statistics, these are those of the whole batch; the running
/// ones must be the same in all processes.
at::Tensor norm_relu_training(const at::Tensor& x, const Normalization& normalization, bool relu);

/// The same with the running statistics. Has no gradient.
at::Tensor norm_relu_evaluation(const at::Tensor& x, const Normalization& normalization, bool relu);

/// `readers` handles of one value, one for each reader. Their gradients are added in one pass, in float. For a value
/// that these operators do not support, or that needs no gradient, libtorch adds them pairwise.
std::vector<at::Tensor> fan_out(const at::Tensor& x, std::size_t readers);

/// Concatenation of channels. All parts must be supported, have the same type and differ only in channels.
at::Tensor concat_channels(const std::vector<at::Tensor>& parts);

}  // namespace einet::train
