#pragma once

#include <cstdint>
#include <optional>

namespace einet::exec {

/// Number of heap allocations of this thread so far, with malloc, calloc, realloc, memalign, posix_memalign or
/// aligned_alloc, in any code. Only programs that link einet::heap_counter (CMake), which replaces these functions,
/// count them; empty in others.
std::optional<std::int64_t> heap_calls() noexcept;

}  // namespace einet::exec
