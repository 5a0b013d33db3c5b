#include "heap_counter.h"

#include <cerrno>
#include <cstddef>

namespace {

thread_local bool counting = false;
thread_local std::int64_t counted = 0;

void note() {
  if (counting) ++counted;
}

}  // namespace

// The C library's own entries, by which these replacements serve.
extern "C" {

void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t bytes) {
  note();
  return __libc_malloc(bytes);
}

void* calloc(std::size_t count, std::size_t bytes) {
  note();
  return __libc_calloc(count, bytes);
}

void* realloc(void* block, std::size_t bytes) {
  note();
  return __libc_realloc(block, bytes);
}

void* memalign(std::size_t alignment, std::size_t bytes) {
  note();
  return __libc_memalign(alignment, bytes);
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
  note();
  return __libc_memalign(alignment, bytes);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
  note();
  *block = __libc_memalign(alignment, bytes);
  return *block == nullptr ? ENOMEM : 0;
}

}  // extern "C"

namespace einet::exec {

HeapCounter::HeapCounter() {
  counted = 0;
  counting = true;
}

HeapCounter::~HeapCounter() { counting = false; }

std::int64_t HeapCounter::count() const { return counted; }

}  // namespace einet::exec
