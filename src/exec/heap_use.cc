#include "exec/heap_use.h"

#include "exec/heap_calls.h"

namespace einet::exec {

constinit HeapCalls heap_calls_of_this_thread = nullptr;

std::optional<std::int64_t> heap_calls() noexcept {
  if (heap_calls_of_this_thread == nullptr) return std::nullopt;
  return heap_calls_of_this_thread();
}

}  // namespace einet::exec
