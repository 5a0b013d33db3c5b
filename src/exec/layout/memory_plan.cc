// Packs buffers with known lifetimes into one arena, greedily by size. Starting with the largest, each buffer is placed
// in the tightest gap between the placed buffers whose lifetimes overlap its own, or after all of them.
//
// Example: A (100 bytes, steps 0-1), B (60, 1-2), C (50, 2-3). A is at 0; B overlaps A, so it is at 128; C overlaps
// only B, so it is at 0, where A was. Optimal packing is NP-hard (dynamic storage allocation); greedy by size is within
// a few percent of the lower bound for networks: Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net
// Inference", MLSys 2020, "Greedy by Size for Offset Calculation". O(n^2 log n).

#include "exec/layout/memory_plan.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace einet::exec {

MemoryPlan plan_memory(std::span<const Lifetime> buffers) {
  MemoryPlan plan;
  plan.offsets.assign(buffers.size(), 0);
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return buffers[a].bytes > buffers[b].bytes; });

  const auto padded = [](std::int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; };
  std::vector<std::size_t> placed;  // Sorted by offset.
  for (const std::size_t next : order) {
    std::int64_t best = -1, best_gap = std::numeric_limits<std::int64_t>::max(), end = 0;
    const std::int64_t size = padded(buffers[next].bytes);
    for (const std::size_t other : placed) {
      if (buffers[other].first > buffers[next].last || buffers[other].last < buffers[next].first) continue;
      const std::int64_t gap = plan.offsets[other] - end;
      if (gap >= size && gap < best_gap) {
        best = end;
        best_gap = gap;
      }
      end = std::max(end, plan.offsets[other] + padded(buffers[other].bytes));
    }
    plan.offsets[next] = best >= 0 ? best : end;
    plan.bytes = std::max(plan.bytes, plan.offsets[next] + size);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), next,
                                   [&](std::size_t a, std::size_t b) { return plan.offsets[a] < plan.offsets[b]; }),
                  next);
  }
  return plan;
}

}  // namespace einet::exec
