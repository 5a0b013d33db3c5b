#pragma once

#include <dnnl.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "exec/layout/layout.h"
#include "exec/layout/memory_plan.h"
#include "exec/memory.h"

namespace einet::exec {

/// The location of an argument of a primitive in the arena of an execution.
struct Argument {
  int kind;  ///< DNNL_ARG_…
  dnnl::memory::desc description;
  std::int64_t offset;  ///< Floats.
};

/// One unit of an execution between two checks of the stop flag: a primitive of oneDNN, one of our kernels, or a
/// primitive and then a kernel that finishes its result.
/// Immutable and shared by all executions; all mutable data is in their arenas.
struct Step {
  std::string node;
  std::string implementation;

  dnnl::primitive primitive;                 ///< Runs first; empty if the kernel does everything.
  std::function<void(float* arena)> kernel;  ///< Empty if the primitive does everything.

  std::vector<Argument> arguments;
  std::vector<std::pair<int, dnnl::memory>> constants;
  dnnl::memory::desc scratchpad;
};

/// Converts a placed operation to a step; `plan` contains the offsets of the buffers. The step reads its weights from
/// `weights`, which must outlive it.
Step build_step(const PlacedOperation& placed, const std::vector<Value>& values, const MemoryPlan& plan,
                const dnnl::engine& engine, WeightStore& weights, int threads);

}  // namespace einet::exec
