// Replacements of the global operators new and delete, by which a running network does not use the heap.
//
// EINet's own code allocates nothing while a network runs, but oneDNN does in every call of a primitive: a map of the
// arguments, with one node for each and an array of buckets, and the object that hands out scratch memory; six to nine
// small blocks, freed before the call ends. Its public interface has no way around them. While an execution runs, they
// come from its BlockPool. Everything else, including requests that a pool cannot serve, uses malloc() as usual.
//
// libeinet contains weak definitions (EINET_WEAK_NEW), which give way to those of the program. Those may be only some
// of the operators; therefore the others call operator new(size_t) and operator delete(void*), as the standard requires
// of the library's own. The target einet::pool_new has ordinary definitions, for programs made of EINet's modules;
// these also replace those of sanitizers.

#include <cstdlib>
#include <new>

#include "exec/block_pool.h"

#ifdef EINET_WEAK_NEW
#define EINET_NEW __attribute__((weak))
#else
#define EINET_NEW
#endif

namespace {

using einet::exec::active_block_pool;
using einet::exec::BlockPool;

void* from_pool(std::size_t bytes, std::size_t alignment) noexcept {
  if (active_block_pool == nullptr || alignment > BlockPool::kBlockAlignment) return nullptr;
  return active_block_pool->allocate(bytes);
}

void* from_heap(std::size_t bytes, std::size_t alignment) noexcept {
  if (bytes == 0) bytes = 1;
  if (alignment <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) return std::malloc(bytes);
  return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

void* take(std::size_t bytes, std::size_t alignment) {
  if (void* block = from_pool(bytes, alignment)) return block;
  for (;;) {
    if (void* block = from_heap(bytes, alignment)) return block;
    const std::new_handler handler = std::get_new_handler();
    if (handler == nullptr) throw std::bad_alloc();
    handler();
  }
}

void give_back(void* block) noexcept { BlockPool::owns(block) ? BlockPool::release(block) : std::free(block); }

/// The result of a throwing operator new, or nullptr.
template <class New>
void* or_null(New allocate) noexcept {
  try {
    return allocate();
  } catch (...) {
    return nullptr;
  }
}

}  // namespace

EINET_NEW void* operator new(std::size_t bytes) { return take(bytes, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
EINET_NEW void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return take(bytes, static_cast<std::size_t>(alignment));
}
EINET_NEW void operator delete(void* block) noexcept { give_back(block); }
EINET_NEW void operator delete(void* block, std::align_val_t) noexcept { give_back(block); }

// All others call these four.
EINET_NEW void* operator new[](std::size_t bytes) { return ::operator new(bytes); }
EINET_NEW void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return ::operator new(bytes, alignment);
}
EINET_NEW void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return or_null([&] { return ::operator new(bytes); });
}
EINET_NEW void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return or_null([&] { return ::operator new[](bytes); });
}
EINET_NEW void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return or_null([&] { return ::operator new(bytes, alignment); });
}
EINET_NEW void* operator new[](std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return or_null([&] { return ::operator new[](bytes, alignment); });
}

EINET_NEW void operator delete[](void* block) noexcept { ::operator delete(block); }
EINET_NEW void operator delete(void* block, std::size_t) noexcept { ::operator delete(block); }
EINET_NEW void operator delete[](void* block, std::size_t) noexcept { ::operator delete[](block); }
EINET_NEW void operator delete[](void* block, std::align_val_t alignment) noexcept {
  ::operator delete(block, alignment);
}
EINET_NEW void operator delete(void* block, std::size_t, std::align_val_t alignment) noexcept {
  ::operator delete(block, alignment);
}
EINET_NEW void operator delete[](void* block, std::size_t, std::align_val_t alignment) noexcept {
  ::operator delete[](block, alignment);
}
EINET_NEW void operator delete(void* block, const std::nothrow_t&) noexcept { ::operator delete(block); }
EINET_NEW void operator delete[](void* block, const std::nothrow_t&) noexcept { ::operator delete[](block); }
EINET_NEW void operator delete(void* block, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  ::operator delete(block, alignment);
}
EINET_NEW void operator delete[](void* block, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  ::operator delete[](block, alignment);
}
