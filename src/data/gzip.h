#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace einet::data {

/// Whether `bytes` begin with the magic number of gzip.
bool is_gzip(std::string_view bytes);

/// Decompresses a gzip file in memory. Throws kInvalidData naming `name` if it is damaged, truncated, or has more than
/// `max_bytes` when decompressed.
std::string gunzip(std::string_view bytes, const std::string& name, std::uint64_t max_bytes);

}  // namespace einet::data
