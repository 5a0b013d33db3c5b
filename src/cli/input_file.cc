#include "cli/input_file.h"

#include "core/standard_input.h"
#include "io/file.h"

namespace einet::cli {

std::string read_input(const std::string& path, std::uint64_t max_bytes) {
  return path == "-" ? read_standard_input(max_bytes) : io::read_file(path, max_bytes);
}

std::string input_name(const std::string& path) { return path == "-" ? "standard input" : path; }

}  // namespace einet::cli
