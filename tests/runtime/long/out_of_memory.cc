// Workers that the kernel kills because a control group has run out of memory.

#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

#include "einet/error.h"
#include "einet/supervisor.h"
#include "runtime/long/long.h"

namespace einet::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::int64_t kLimitBytes = 512 << 20;

/// A control group with limited memory, of either version; removed at the end.
class Group {
 public:
  Group() {
    const std::string name = "einet-" + std::to_string(::getpid());
    const bool unified = fs::exists("/sys/fs/cgroup/cgroup.controllers");
    path_ = fs::path(unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory") / name;
    std::error_code error;
    const fs::path limit = path_ / (unified ? "memory.max" : "memory.limit_in_bytes");
    if (!fs::create_directory(path_, error) || !fs::exists(limit)) {
      fs::remove(path_, error);
      throw Error(ErrorKind::kUnsupported, path_.string(), "no control group with a memory limit can be made here");
    }
    std::ofstream(limit) << kLimitBytes;
    if (unified) std::ofstream(path_ / "memory.swap.max") << 0;
  }
  ~Group() {
    std::error_code error;
    for (int k = 0; k < 100 && !fs::remove(path_, error); ++k) std::this_thread::sleep_for(10ms);
  }
  Group(const Group&) = delete;
  Group& operator=(const Group&) = delete;

  std::string processes() const { return path_ / "cgroup.procs"; }

 private:
  fs::path path_;
};

/// Writes to ever more memory.
[[noreturn]] void grow() {
  constexpr std::size_t kStep = 4 << 20;
  for (;;) {
    std::memset(new char[kStep], 1, kStep);
    std::this_thread::sleep_for(1ms);
  }
}

}  // namespace

int growing_worker(const std::string& bundle, const std::string& group) {
  if (!group.empty()) std::ofstream(group) << ::getpid() << std::flush;
  return run_worker([&] {
    auto model = Model::load(bundle);
    if (!group.empty()) std::thread(grow).detach();
    return model;
  });
}

int out_of_memory(const std::string& bundle, int count) {
  const Group group;
  Supervisor supervisor({"/proc/self/exe", "--growing-worker", bundle, group.processes()});
  const std::vector<float> image(supervisor.input_size(), 0.5f);
  int lost = 0, wrong_reason = 0, runs = 0;
  Clock::time_point last_end{};
  for (int killed = 0; killed < count;) {
    const std::uint64_t run = supervisor.start(image);
    const Answer answer = supervisor.wait();
    ++runs;
    // A run that a kill cut off after its first answer has that answer.
    if (!answer.exists() || answer.run != run || !supervisor.latest().exists()) ++lost;
    const std::vector<WorkerEnd> ends = supervisor.ends();
    if (ends.empty() || ends.back().time == last_end) continue;
    last_end = ends.back().time;
    ++killed;
    if (!ends.back().out_of_memory || ends.back().reason != "was killed by SIGKILL: out of memory") {
      ++wrong_reason;
      std::printf("a worker %s\n", ends.back().reason.c_str());
    }
  }
  std::printf("%d workers killed in %d runs: %d runs without an answer, %d wrong reasons\n", count, runs, lost,
              wrong_reason);
  return lost + wrong_reason;
}

}  // namespace einet::testing
