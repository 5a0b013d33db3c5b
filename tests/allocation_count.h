#pragma once

namespace einet {

/// Calls of operator new by this thread so far. Linking this counts them in the whole program.
long allocations() noexcept;

}  // namespace einet
