#include "runtime/worker_process.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <utility>

#include "einet/error.h"
#include "io/child_process.h"

namespace einet {
namespace {

/// The value of "oom_kill N" in a file of counters; empty if there is none.
std::optional<std::uint64_t> memory_kills_in(const std::string& path) {
  std::ifstream file(path);
  std::string name;
  std::uint64_t count = 0;
  while (file >> name >> count) {
    if (name == "oom_kill") return count;
  }
  return std::nullopt;
}

/// The number of processes that the kernel has killed for lack of memory: in the control group of this process, or on
/// the machine if the group does not count them.
std::uint64_t memory_kills() {
  constexpr std::string_view kUnified = "0::";
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    if (!line.starts_with(kUnified)) continue;
    const std::string group = line.substr(kUnified.size());
    if (const auto count = memory_kills_in("/sys/fs/cgroup" + group + "/memory.events")) return *count;
  }
  return memory_kills_in("/proc/vmstat").value_or(0);
}

std::string signal_name(int signal) {
  const char* const name = ::sigabbrev_np(signal);
  return name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

}  // namespace

WorkerProcess::WorkerProcess(const std::vector<std::string>& command) : memory_kills_before_(memory_kills()) {
  if (command.empty() || command.front().empty()) throw Error(ErrorKind::kUsage, "worker", "has no command");
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw io::io_error("worker", "connect");
  channel_.emplace(io::Descriptor(ends[0]));
  const io::Descriptor theirs(ends[1]);
  process_ = io::start_child(command.front(), command, {.input = theirs.get(), .detached = true});
}

WorkerProcess::~WorkerProcess() {
  if (collected_) return;
  kill();
  collect();
}

void WorkerProcess::kill() noexcept {
  if (collected_) return;
  killed_ = true;
  ::kill(process_, SIGKILL);
}

void WorkerProcess::ask_to_end() noexcept {
  constexpr int kMilliseconds = 500;
  ::shutdown(channel_->descriptor(), SHUT_WR);
  Message message;
  while (channel_->receive(message) != Received::kEnd) {
    pollfd file{channel_->descriptor(), POLLIN, 0};
    if (::poll(&file, 1, kMilliseconds) == 0) return;
  }
}

WorkerEnd WorkerProcess::collect() noexcept {
  WorkerEnd end{.process = process_};
  ::kill(process_, SIGKILL);  // No effect on a process that has ended.
  const std::optional<int> status = io::wait_for_child(process_);
  collected_ = true;
  end.time = Clock::now();
  if (!status) {
    end.reason = "ended; its exit status was collected elsewhere in this program";
  } else if (WIFEXITED(*status)) {
    end.exit_status = WEXITSTATUS(*status);
    end.reason = "exited with status " + std::to_string(end.exit_status);
  } else {
    end.signal = WTERMSIG(*status);
    end.out_of_memory = end.signal == SIGKILL && !killed_ && memory_kills() > memory_kills_before_;
    end.reason = "was killed by " + signal_name(end.signal) + (end.out_of_memory ? ": out of memory" : "");
  }
  return end;
}

}  // namespace einet
