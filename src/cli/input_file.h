#pragma once

#include <cstdint>
#include <string>

namespace einet::cli {

/// The bytes of a file, or of standard input for "-". Throws what io::read_file() throws, kInvalidData for more than
/// `max_bytes`, and kUsage if standard input is read a second time.
std::string read_input(const std::string& path, std::uint64_t max_bytes);

/// The name of `path` in errors: "standard input" for "-".
std::string input_name(const std::string& path);

}  // namespace einet::cli
