// Replaces operator new. A file of its own, so that no compiler pairs an inlined half of it with the other half.

#include "allocation_count.h"

#include <cstdlib>
#include <new>

namespace {
thread_local long count = 0;
}

void* operator new(std::size_t bytes) {
  ++count;
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++count;
  return std::malloc(bytes == 0 ? 1 : bytes);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace einet {

long allocations() noexcept { return count; }

}  // namespace einet
