#pragma once

namespace einet {

/// What the executor computes in; inputs and outputs are float32 always.
enum class Precision {
  kFloat32,
  /// Convolutions read and write bfloat16 (8 bits of precision) and sum in float32, where the processor is faster at
  /// it; everything else stays float32.
  kBfloat16,
};

}  // namespace einet
