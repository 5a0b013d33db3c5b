#pragma once

#include <dnnl.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "exec/memory.h"
#include "exec/onednn/primitives.h"
#include "exec/steps/step.h"

namespace einet::exec {

/// The engine of all primitives.
const dnnl::engine& cpu();

/// The location of an argument of a primitive in the arena of an execution.
struct Argument {
  int kind;  ///< DNNL_ARG_…
  dnnl::memory::desc description;
  std::int64_t offset;  ///< Floats.
};
using Constants = std::vector<std::pair<int, dnnl::memory>>;  ///< By DNNL_ARG_…

/// A constant argument, brought from the layout `given` to `wanted`, that of the primitive, and stored in `weights`.
dnnl::memory constant(const dnnl::memory::desc& wanted, const dnnl::memory::desc& given, std::vector<float> values,
                      WeightStore& weights);

/// Runs `primitive`. The memory of the constants must outlive the layer.
std::unique_ptr<const LibraryLayer> make_layer(Primitive primitive, std::vector<Argument> arguments,
                                               Constants constants);

}  // namespace einet::exec
