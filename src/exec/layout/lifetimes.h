#pragma once

#include <vector>

#include "exec/layout/layout.h"
#include "exec/layout/memory_plan.h"

namespace einet::exec {

/// When each buffer of `layout` is in use, counted in operations. Persistent buffers are always in use, unused buffers
/// never.
std::vector<Lifetime> lifetimes(const Layout& layout);

}  // namespace einet::exec
