#include "memory_limit.h"

#include <unistd.h>

#include "einet/core/error.h"

namespace einet::exec {

void check_memory(const std::string& name, std::int64_t bytes) {
  const std::int64_t memory = std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  if (bytes <= memory) return;
  constexpr std::int64_t kMebi = std::int64_t{1} << 20;
  throw Error(ErrorKind::kUnsupported, name.empty() ? "network" : name,
              "needs " + std::to_string(bytes / kMebi) + " MiB for its values, more than the " +
                  std::to_string(memory / kMebi) + " MiB of this machine");
}

}  // namespace einet::exec
