#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace einet::exec {

/// A buffer, and the first and last step of the run (inclusive) during which it is in use.
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

/// Places every buffer in a common arena so that buffers in use at the same time do not overlap. See memory_plan.cc.
MemoryPlan plan_memory(std::span<const Lifetime> buffers);

}  // namespace einet::exec
