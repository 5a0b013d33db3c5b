#pragma once

#include <cstdint>

namespace einet::exec {

/// Channels in a block of oneDNN's blocked layout that has fast convolutions on this machine; 0 = none.
std::int64_t find_block_channels();

}  // namespace einet::exec
