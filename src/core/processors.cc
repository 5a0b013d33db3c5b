#include "core/processors.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <thread>

#include "core/cpu_quota.h"

namespace einet {
namespace {

/// The processors in the calling thread's affinity mask; empty if it cannot be read.
std::vector<int> processors_of_affinity() {
  // The kernel rejects masks that are smaller than the number of processors it was built for.
  constexpr int kMost = 1 << 16;
  std::vector<int> processors;
  for (int size = CPU_SETSIZE; size <= kMost && processors.empty(); size *= 2) {
    cpu_set_t* mask = CPU_ALLOC(static_cast<std::size_t>(size));
    if (mask == nullptr) break;
    const std::size_t bytes = CPU_ALLOC_SIZE(static_cast<std::size_t>(size));
    if (::sched_getaffinity(0, bytes, mask) == 0) {
      for (int processor = 0; processor < size; ++processor) {
        if (CPU_ISSET_S(processor, bytes, mask)) processors.push_back(processor);
      }
    }
    CPU_FREE(mask);
  }
  return processors;
}

int affinity_count() {
  const auto count = static_cast<int>(processors_of_affinity().size());
  return count > 0 ? count : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

int find_processors() {
  const int affinity = affinity_count();
  const double quota = std::ceil(cpu_quota(read_file));
  return quota < affinity ? std::max(1, static_cast<int>(quota)) : affinity;
}

}  // namespace

int available_processors() {
  static const int processors = find_processors();
  return processors;
}

std::vector<int> processors_to_pin() {
  std::vector<int> processors = processors_of_affinity();
  const auto most = static_cast<std::size_t>(available_processors());
  if (processors.size() > most) processors.resize(most);
  return processors;
}

int usable_threads(int requested) { return std::min(requested, available_processors()); }

}  // namespace einet
