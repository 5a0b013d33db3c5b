#include "io/child_process.h"

#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "einet/error.h"

extern char** environ;

namespace einet::io {
namespace {

/// Attributes and file actions of posix_spawn.
class SpawnSettings {
 public:
  explicit SpawnSettings(const ChildOptions& options) {
    ::posix_spawnattr_init(&attributes_);
    ::posix_spawn_file_actions_init(&actions_);
    if (options.detached) {
      sigset_t signals;
      ::sigfillset(&signals);
      ::posix_spawnattr_setsigdefault(&attributes_, &signals);
      ::sigemptyset(&signals);
      ::posix_spawnattr_setsigmask(&attributes_, &signals);
      ::posix_spawnattr_setpgroup(&attributes_, 0);
      ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    }
    if (options.input) ::posix_spawn_file_actions_adddup2(&actions_, *options.input, STDIN_FILENO);
    if (options.output) ::posix_spawn_file_actions_adddup2(&actions_, *options.output, STDOUT_FILENO);
    if (options.error) ::posix_spawn_file_actions_adddup2(&actions_, *options.error, STDERR_FILENO);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  const posix_spawnattr_t* attributes() const { return &attributes_; }
  const posix_spawn_file_actions_t* actions() const { return &actions_; }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t actions_{};
};

/// posix_spawn() cannot set this signal. The child calls async-signal-safe functions only.
pid_t fork_child(const std::string& program, char* const* words, const ChildOptions& options) {
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) throw Error(ErrorKind::kIo, program, std::string("cannot be started: ") + std::strerror(errno));
  if (child > 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() == parent) {  // Else it has ended already.
    if (options.input) ::dup2(*options.input, STDIN_FILENO);
    if (options.output) ::dup2(*options.output, STDOUT_FILENO);
    if (options.error) ::dup2(*options.error, STDERR_FILENO);
    ::execvp(program.c_str(), words);
  }
  ::_exit(127);
}

}  // namespace

pid_t start_child(const std::string& program, const std::vector<std::string>& arguments, const ChildOptions& options) {
  std::vector<char*> words;
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  if (options.ends_with_parent) return fork_child(program, words.data(), options);
  const SpawnSettings settings(options);
  pid_t child = -1;
  const int error =
      ::posix_spawnp(&child, program.c_str(), settings.actions(), settings.attributes(), words.data(), environ);
  if (error != 0) {
    throw Error(error == ENOENT ? ErrorKind::kNotFound : ErrorKind::kIo, program,
                std::string("cannot be started: ") + std::strerror(error));
  }
  return child;
}

std::optional<int> wait_for_child(pid_t child) noexcept {
  int status = 0;
  pid_t collected = 0;
  do {
    collected = ::waitpid(child, &status, 0);
  } while (collected < 0 && errno == EINTR);
  if (collected != child) return std::nullopt;
  return status;
}

bool succeeded(std::optional<int> status) noexcept { return status && WIFEXITED(*status) && WEXITSTATUS(*status) == 0; }

}  // namespace einet::io
