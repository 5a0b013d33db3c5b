#pragma once

#include <cstdint>
#include <string>

namespace einet::exec {

/// What this process can have at most: the memory of the machine, or less where the container (cgroup) or the shell
/// (ulimit -v) sets a limit.
std::int64_t memory_limit();

/// Throws kUnsupported where network `name` needs more bytes than memory_limit() for its weights and values, before
/// anything is taken.
void check_memory(const std::string& name, std::int64_t bytes, std::int64_t limit = memory_limit());

}  // namespace einet::exec
