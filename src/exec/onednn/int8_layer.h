#pragma once

#include <memory>
#include <string>

#include "exec/lowering/network.h"
#include "exec/memory.h"
#include "exec/onednn/int8.h"
#include "exec/steps/step.h"

namespace einet::exec {

/// Whether oneDNN has a fast implementation of this convolution or fully connected layer, whose weights are quantised.
bool has_int8_layer(const Operation& operation, const graph::Shape& input, const graph::Shape& output,
                    const Int8Form& form);

/// The locations of a layer's values in the arena, in floats; all are dense.
struct Int8Places {
  std::int64_t input = 0, residual = 0, output = 0;
};

struct MadeLayer {
  std::unique_ptr<const LibraryLayer> layer;
  std::string implementation;
};

/// Only if has_int8_layer().
MadeLayer make_int8_layer(const Operation& operation, const graph::Shape& input, const graph::Shape& output,
                          const Int8Form& form, const Int8Places& places, WeightStore& weights);

}  // namespace einet::exec
