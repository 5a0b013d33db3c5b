#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace einet::data {

/// Whether `bytes` begin as a gzip file does.
bool is_gzip(std::string_view bytes);

/// Decompresses a gzip file in memory. Throws kInvalidData naming `name`: damaged, truncated, or more than
/// `max_bytes` once decompressed.
std::string gunzip(std::string_view bytes, const std::string& name, std::uint64_t max_bytes);

}  // namespace einet::data
