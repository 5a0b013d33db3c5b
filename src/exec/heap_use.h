#pragma once

#include <cstdint>

namespace einet::exec {

using HeapCalls = std::int64_t (*)() noexcept;

/// Set by heap_counter.cc in programs that contain it.
extern HeapCalls heap_calls_of_this_thread;

}  // namespace einet::exec
