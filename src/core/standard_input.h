#pragma once

#include <cstdint>
#include <string>

namespace einet {

/// All of standard input. Throws kUsage if it was read before, kInvalidData for more than `max_bytes`, kIo.
std::string read_standard_input(std::uint64_t max_bytes);

}  // namespace einet
