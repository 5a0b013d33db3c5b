#pragma once

#include <string>

namespace einet::train {

/// Whether libtorch computes products of bfloat16 in oneDNN on this processor, with sums in float32. Elsewhere (without
/// AVX-512) it also adds up in bfloat16: gradients of weights are then off by several percent, and slower than in
/// float32.
bool has_bf16_products();

/// "bf16" where has_bf16_products(), else "f32".
std::string default_precision();

}  // namespace einet::train
