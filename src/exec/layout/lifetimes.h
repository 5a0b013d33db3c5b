#pragma once

#include <vector>

#include "layout/layout.h"
#include "layout/memory_plan.h"

namespace einet::exec {

/// When each buffer of `layout` is in use, counted in operations. What is persistent is in use always, what nothing
/// touches never.
std::vector<Lifetime> lifetimes(const Layout& layout);

}  // namespace einet::exec
