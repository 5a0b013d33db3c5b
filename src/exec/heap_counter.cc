// Counts the heap allocations of every thread, by replacing malloc and related functions with calls of glibc's own
// entries plus a count. Linked only into programs that need the count (CMake target einet::heap_counter).

#include <cerrno>
#include <cstddef>

#include "exec/heap_use.h"

namespace {

constinit thread_local std::int64_t calls = 0;

// Before main(), so that programs need not call anything.
const bool installed = [] {
  einet::exec::heap_calls_of_this_thread = []() noexcept { return calls; };
  return true;
}();

}  // namespace

// The C library's own entries, which the replacements call.
extern "C" {

// NOLINTBEGIN(bugprone-reserved-identifier,readability-identifier-naming)
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
// NOLINTEND(bugprone-reserved-identifier,readability-identifier-naming)

void* malloc(std::size_t bytes) {
  ++calls;
  return __libc_malloc(bytes);
}

void* calloc(std::size_t count, std::size_t bytes) {
  ++calls;
  return __libc_calloc(count, bytes);
}

void* realloc(void* block, std::size_t bytes) {
  ++calls;
  return __libc_realloc(block, bytes);
}

void* memalign(std::size_t alignment, std::size_t bytes) {
  ++calls;
  return __libc_memalign(alignment, bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  ++calls;
  return __libc_memalign(alignment, bytes);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
  ++calls;
  *block = __libc_memalign(alignment, bytes);
  return *block == nullptr ? ENOMEM : 0;
}

}  // extern "C"
