#pragma once

#include <cstdint>
#include <optional>

namespace einet::exec {

/// How often this thread has taken memory from the heap so far, by malloc, calloc, realloc, memalign, posix_memalign or
/// aligned_alloc, wherever the calls come from. Only programs that link einet::heap_counter (CMake), which replaces
/// these functions, can count them; nothing in others.
std::optional<std::int64_t> heap_calls() noexcept;

}  // namespace einet::exec
