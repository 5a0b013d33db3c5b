#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace einet::exec {

/// A buffer and the steps of the run between which (inclusive) it holds something.
struct Lifetime {
  std::int64_t bytes = 0;
  int first = 0;
  int last = 0;
};

struct MemoryPlan {
  std::vector<std::int64_t> offsets;  ///< Bytes, multiples of kAlignment.
  std::int64_t bytes = 0;             ///< Of the whole arena.
};

inline constexpr std::int64_t kAlignment = 64;

/// Gives every buffer its place in one arena such that no two that live at the same time overlap. See memory_plan.cc.
MemoryPlan plan_memory(std::span<const Lifetime> buffers);

}  // namespace einet::exec
