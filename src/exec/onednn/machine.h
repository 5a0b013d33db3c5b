#pragma once

#include <cstdint>

namespace einet::exec {

/// Channels per block in oneDNN's blocked layout for which there are fast convolutions on this machine; 0 = none.
std::int64_t find_block_channels();

}  // namespace einet::exec
