#include "core/standard_input.h"

#include <atomic>
#include <cstdio>

#include "einet/error.h"

namespace einet {

std::string read_standard_input(std::uint64_t max_bytes) {
  constexpr const char* kName = "standard input";
  static std::atomic<bool> taken{false};
  if (taken.exchange(true)) throw Error(ErrorKind::kUsage, kName, "can be read only once, but '-' is given twice");
  std::string bytes;
  char part[1 << 16];
  for (std::size_t count = 0; (count = std::fread(part, 1, sizeof part, stdin)) > 0;) {
    bytes.append(part, count);
    if (bytes.size() > max_bytes) {
      throw Error(ErrorKind::kInvalidData, kName, "has more than the " + std::to_string(max_bytes) + " bytes allowed");
    }
  }
  if (std::ferror(stdin)) throw Error(ErrorKind::kIo, kName, "cannot be read");
  return bytes;
}

}  // namespace einet
