#pragma once

#include <cstdint>

namespace einet::exec {

/// Counts what this thread takes from the heap by malloc, calloc, realloc, memalign, posix_memalign or aligned_alloc
/// while it lives, wherever the call comes from: the program that contains heap_counter.cc replaces these functions.
class HeapCounter {
 public:
  HeapCounter();
  ~HeapCounter();
  HeapCounter(const HeapCounter&) = delete;
  HeapCounter& operator=(const HeapCounter&) = delete;
  std::int64_t count() const;
};

}  // namespace einet::exec
