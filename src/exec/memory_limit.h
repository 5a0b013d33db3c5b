#pragma once

#include <cstdint>
#include <string>

namespace einet::exec {

/// Throws kUnsupported where the activations of network `name` need more bytes than this machine has memory, before
/// anything is taken.
void check_memory(const std::string& name, std::int64_t bytes);

}  // namespace einet::exec
