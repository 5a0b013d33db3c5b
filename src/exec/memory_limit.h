#pragma once

#include <cstdint>
#include <string>

namespace einet::exec {

/// The maximum memory of this process: that of the machine, or less if the container (cgroup) or the shell (ulimit -v)
/// sets a limit.
std::int64_t memory_limit();

/// Throws kUnsupported if network `name` needs more bytes than memory_limit() for its weights and values. To be called
/// before anything is allocated.
void check_memory(const std::string& name, std::int64_t bytes, std::int64_t limit = memory_limit());

}  // namespace einet::exec
