#include "malloc_calls.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

/* The C library's own functions, under the names that it provides for this purpose. */
void* __libc_malloc(size_t bytes);
void* __libc_calloc(size_t count, size_t bytes);
void* __libc_realloc(void* block, size_t bytes);
void* __libc_memalign(size_t alignment, size_t bytes);

static atomic_int counting;
static atomic_long calls;

void count_malloc_calls(void) {
  atomic_store(&calls, 0);
  atomic_store(&counting, 1);
}

long counted_malloc_calls(void) {
  atomic_store(&counting, 0);
  return atomic_load(&calls);
}

static void note(void) {
  if (atomic_load(&counting)) atomic_fetch_add(&calls, 1);
}

void* malloc(size_t bytes) {
  note();
  return __libc_malloc(bytes);
}
void* calloc(size_t count, size_t bytes) {
  note();
  return __libc_calloc(count, bytes);
}
void* realloc(void* block, size_t bytes) {
  note();
  return __libc_realloc(block, bytes);
}
void* memalign(size_t alignment, size_t bytes) {
  note();
  return __libc_memalign(alignment, bytes);
}
void* aligned_alloc(size_t alignment, size_t bytes) {
  note();
  return __libc_memalign(alignment, bytes);
}
int posix_memalign(void** block, size_t alignment, size_t bytes) {
  note();
  *block = __libc_memalign(alignment, bytes);
  return *block == NULL ? ENOMEM : 0;
}
