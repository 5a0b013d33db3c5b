// With two lanes, the order of the operations is only partial: the conv parts follow each other, the branches follow
// each other, and branch i follows conv part i. A branch may run beside any later conv part. Buffers may share memory
// only if every use of the one comes before every use of the other in this order:
//   - two buffers that only conv parts use, if their lifetimes within the conv parts do not overlap;
//   - two buffers that only branches use, if their lifetimes within the branches do not overlap;
//   - a buffer that both use, with nothing that is first used after it: its branch may not have run yet. What the conv
//     parts have finished before its first use may have been in its place.
// So the values at the forks are all kept until the end of the run, and the queue of the branch lane has no limit.
// Buffers of branches could also follow some of the conv parts; they have an arena of their own instead, because there
// are few of them, and the two threads then never write to the same cache line.
//
// Example. Conv part 1 writes A and, from A, the fork value F; branch 1 turns F into B, conv part 2 turns F into C. A
// and C may share memory. F shares it with nothing later, although conv part 2 is the last one to read it.

#include "exec/layout/lane_memory.h"

#include <algorithm>
#include <vector>

namespace einet::exec {
namespace {

/// The uses of a buffer by the operations of one lane.
struct Uses {
  int first = -1, last = -1;

  bool any() const { return first >= 0; }
  void add(int operation) {
    if (first < 0) first = operation;
    last = operation;
  }
};

}  // namespace

MemoryPlan plan_lane_memory(const Layout& layout) {
  std::vector<Uses> trunk(layout.buffers.size()), branches(layout.buffers.size());
  const int operations = static_cast<int>(layout.operations.size());
  for (int i = 0; i < operations; ++i) {
    const PlacedOperation& placed = layout.operations[static_cast<std::size_t>(i)];
    std::vector<Uses>& lane = placed.operation.part % 2 == 0 ? trunk : branches;
    const auto use = [&](const View& view) {
      if (view.buffer >= 0) lane[static_cast<std::size_t>(view.buffer)].add(i);
    };
    for (const View& view : placed.inputs) use(view);
    use(placed.residual);
    use(placed.output);
  }

  std::vector<Lifetime> of_trunk, of_branches;
  for (std::size_t b = 0; b < layout.buffers.size(); ++b) {
    const auto bytes = layout.buffers[b].floats * static_cast<std::int64_t>(sizeof(float));
    const bool whole_run = layout.buffers[b].persistent;
    const bool in_branches = branches[b].any() && !trunk[b].any();
    const Lifetime none{0, operations, -1};
    Lifetime alive = none;
    if (whole_run) {
      alive = {bytes, 0, operations};
    } else if (in_branches) {
      alive = {bytes, branches[b].first, branches[b].last};
    } else if (trunk[b].any()) {
      alive = {bytes, trunk[b].first, branches[b].any() ? operations : trunk[b].last};
    }
    // The outputs of the exits are written by branches.
    const bool branch_arena = in_branches || (whole_run && !trunk[b].any() && branches[b].any());
    of_trunk.push_back(branch_arena ? none : alive);
    of_branches.push_back(branch_arena ? alive : none);
  }
  MemoryPlan plan = plan_memory(of_trunk);
  const MemoryPlan second = plan_memory(of_branches);
  for (std::size_t b = 0; b < layout.buffers.size(); ++b) {
    if (of_branches[b].last >= 0) plan.offsets[b] = plan.bytes + second.offsets[b];
  }
  plan.bytes += second.bytes;
  return plan;
}

}  // namespace einet::exec
