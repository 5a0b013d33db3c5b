// A run reads every weight once. Where they are more than the second-level cache holds, reading them bounds the speed,
// so they lie as they are read, aligned to cache lines.
//
// Huge pages (MADV_HUGEPAGE) for them were tried and dropped: over many processes networks of 21 to 100 MB were between
// 5 % faster and 15 % slower with them, depending on where in physical memory the pages happened to lie; with ordinary
// pages every process takes the same time.

#include "exec/memory.h"

#include <algorithm>
#include <new>

#include "exec/layout/memory_plan.h"

namespace einet::exec {
namespace {

// What is not touched costs nothing, so the store takes more than it needs.
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
