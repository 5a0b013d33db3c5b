#include "io/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "expect_error.h"

namespace einet::io {
namespace {

/// What a child writes to a pipe.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe2(ends_, O_CLOEXEC), 0); }
  ~Pipe() {
    ::close(ends_[0]);
    if (open_) ::close(ends_[1]);
  }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  /// Everything written until all writers have closed it.
  std::string read() {
    ::close(ends_[1]);
    open_ = false;
    std::string text;
    char part[256];
    for (ssize_t size; (size = ::read(ends_[0], part, sizeof part)) > 0;) {
      text.append(part, static_cast<std::size_t>(size));
    }
    return text;
  }

 private:
  int ends_[2];
  bool open_ = true;
};

TEST(ChildProcess, RunsAProgramOfThePathWithItsArguments) {
  Pipe out, error;
  const pid_t child = start_child("sh", {"shell", "-c", "echo \"$0 $1\"; echo wrong >&2", "a b", "c"},
                                  {.output = out.writer(), .error = error.writer()});
  EXPECT_EQ(out.read(), "a b c\n");
  EXPECT_EQ(error.read(), "wrong\n");
  EXPECT_TRUE(succeeded(wait_for_child(child)));
}

TEST(ChildProcess, ReportsStatusAndSignal) {
  const std::optional<int> status = wait_for_child(start_child("sh", {"sh", "-c", "exit 3"}));
  ASSERT_TRUE(status);
  EXPECT_TRUE(WIFEXITED(*status));
  EXPECT_EQ(WEXITSTATUS(*status), 3);
  EXPECT_FALSE(succeeded(status));
  const std::optional<int> killed = wait_for_child(start_child("sh", {"sh", "-c", "kill -KILL $$"}));
  ASSERT_TRUE(killed);
  EXPECT_TRUE(WIFSIGNALED(*killed));
  EXPECT_FALSE(succeeded(killed));
}

TEST(ChildProcess, AStatusCollectedElsewhereIsEmpty) {
  const pid_t child = start_child("true", {"true"});
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_FALSE(wait_for_child(child).has_value());
  EXPECT_FALSE(succeeded(std::nullopt));
}

TEST(ChildProcess, ADetachedChildHasItsOwnGroupAndDefaultSignals) {
  struct sigaction ignore {
  }, before{};
  ignore.sa_handler = SIG_IGN;
  ASSERT_EQ(::sigaction(SIGUSR1, &ignore, &before), 0);
  sigset_t blocked, mask;
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGUSR1);
  ::sigprocmask(SIG_BLOCK, &blocked, &mask);
  const pid_t child = start_child("sh", {"sh", "-c", "kill -USR1 $$; exit 0"}, {.detached = true});
  const std::optional<int> status = wait_for_child(child);
  ::sigprocmask(SIG_SETMASK, &mask, nullptr);
  ::sigaction(SIGUSR1, &before, nullptr);
  ASSERT_TRUE(status);
  EXPECT_TRUE(WIFSIGNALED(*status) && WTERMSIG(*status) == SIGUSR1);

  Pipe out;
  const pid_t leader =
      start_child("sh", {"sh", "-c", "cut -d ' ' -f 5 /proc/$$/stat"}, {.output = out.writer(), .detached = true});
  EXPECT_EQ(out.read(), std::to_string(leader) + "\n");
  wait_for_child(leader);
}

/// A parent in between starts a child that would sleep and keep the pipe open, and is killed. The pipe is closed when
/// the child has ended too.
TEST(ChildProcess, EndsWithItsParent) {
  Pipe out;
  const pid_t between = ::fork();
  ASSERT_GE(between, 0);
  if (between == 0) {
    start_child("sh", {"sh", "-c", "echo started; exec sleep 600"}, {.output = out.writer(), .ends_with_parent = true});
    ::pause();
    ::_exit(0);
  }
  std::string started(8, ' ');
  ASSERT_EQ(::read(out.reader(), started.data(), started.size()), 8);
  EXPECT_EQ(started, "started\n");
  ::kill(between, SIGKILL);
  wait_for_child(between);
  EXPECT_EQ(out.read(), "");
}

TEST(ChildProcess, OneThatEndsWithItsParentHasRedirectionsAndAStatus) {
  Pipe out;
  const pid_t child =
      start_child("sh", {"sh", "-c", "echo out; exit 3"}, {.output = out.writer(), .ends_with_parent = true});
  EXPECT_EQ(out.read(), "out\n");
  EXPECT_EQ(WEXITSTATUS(wait_for_child(child).value_or(0)), 3);
  const pid_t missing = start_child("/no/such/program", {"program"}, {.ends_with_parent = true});
  EXPECT_EQ(WEXITSTATUS(wait_for_child(missing).value_or(0)), 127);
}

TEST(ChildProcess, AMissingProgramIsAnError) {
  expect_error(ErrorKind::kNotFound, "/no/such/program: cannot be started",
               [] { start_child("/no/such/program", {"program"}); });
}

}  // namespace
}  // namespace einet::io
