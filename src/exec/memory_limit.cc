#include "exec/memory_limit.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "einet/error.h"

namespace einet::exec {

std::int64_t memory_limit() {
  std::int64_t limit = std::int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  // Version 2 and version 1 of control groups; "max" if there is no limit.
  for (const char* file : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    std::int64_t bytes = 0;
    if (std::ifstream(file) >> bytes && bytes > 0) limit = std::min(limit, bytes);
  }
  rlimit address_space{};
  if (getrlimit(RLIMIT_AS, &address_space) == 0 && address_space.rlim_cur < static_cast<rlim_t>(limit)) {
    limit = static_cast<std::int64_t>(address_space.rlim_cur);
  }
  return limit;
}

void check_memory(const std::string& name, std::int64_t bytes, std::int64_t limit) {
  if (bytes <= limit) return;
  constexpr std::int64_t kMebi = std::int64_t{1} << 20;
  throw Error(ErrorKind::kUnsupported, name.empty() ? "network" : name,
              "needs " + std::to_string((bytes + kMebi - 1) / kMebi) +
                  " MiB for its weights and values, more than the " + std::to_string(limit / kMebi) + " MiB available");
}

}  // namespace einet::exec
