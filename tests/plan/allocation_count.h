#pragma once

namespace einet::plan {

/// Allocations by operator new in this thread so far. Link allocation_count.cc, which replaces it.
long allocations() noexcept;

}  // namespace einet::plan
