// A run reads every weight once. If they exceed the second-level cache, reading them limits the speed, so they are
// stored in the order in which they are read, aligned to cache lines.
//
// Huge pages (MADV_HUGEPAGE) for weights were tried and dropped: in many processes, networks of 21 to 100 MB were
// between 5 % faster and 15 % slower with them, depending on the physical location of the pages; with ordinary pages
// every process takes the same time.

#include "exec/memory.h"

#include <algorithm>
#include <new>

#include "exec/layout/memory_plan.h"

namespace einet::exec {
namespace {

// Untouched memory costs nothing, so the store allocates more than it needs.
constexpr std::int64_t kPiece = std::int64_t{64} << 20;
constexpr std::align_val_t kAlign{kAlignment};

}  // namespace

void FreeMemory::operator()(std::byte* memory) const { ::operator delete[](memory, kAlign); }

Memory allocate(std::int64_t bytes) {
  return Memory(static_cast<std::byte*>(::operator new[](static_cast<std::size_t>(bytes), kAlign)));
}

void* WeightStore::take(std::int64_t bytes) {
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (pieces_.empty() || size_ - used_ < bytes) {
    size_ = std::max(bytes, kPiece);
    used_ = 0;
    pieces_.push_back(allocate(size_));
  }
  std::byte* place = pieces_.back().get() + used_;
  used_ += bytes;
  return place;
}

}  // namespace einet::exec
