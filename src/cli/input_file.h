#pragma once

#include <cstdint>
#include <string>

namespace einet::cli {

/// The bytes of a file, or of standard input for "-". Throws what io::read_file() throws, kInvalidData for more than
/// `max_bytes`, and kUsage when standard input is to be read a second time.
std::string read_input(const std::string& path, std::uint64_t max_bytes);

/// `path` as errors name it: "standard input" for "-".
std::string input_name(const std::string& path);

}  // namespace einet::cli
