#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <string>

namespace einet::train {

/// "cpu" or "cuda", where each rank on a machine has a GPU of its own if there are enough. Throws kUsage for another
/// name, kUnsupported if this libtorch or machine has no CUDA.
at::Device open_device(const std::string& name);

/// Makes the random numbers of Dropout in step `step` a function of (seed, step).
void seed_dropout(at::Device device, std::uint64_t seed, std::int64_t step);

}  // namespace einet::train
