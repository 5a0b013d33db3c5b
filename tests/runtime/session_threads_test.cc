// The threads of a session: names, signals, processors, scheduling, fork().

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "einet/error.h"
#include "einet/session.h"
#include "expect_error.h"
#include "runtime/fake_program.h"
#include "runtime/fake_run.h"
#include "runtime/thread_status.h"

namespace einet {
namespace {

using namespace std::chrono_literals;
using testing::fake_model;
using testing::pixel;
using testing::thread_status;

TEST(SessionThreads, HaveNamesAndBlockAllSignals) {
  SessionOptions options;
  options.threads.name = "camera";
  Session session(fake_model(3, 1us), options);
  for (const std::string name : {"camera-run", "camera-timer"}) {
    // All except SIGKILL, SIGSTOP and the two reserved by the C library.
    EXPECT_EQ(thread_status(name, "SigBlk"), "fffffffe7ffbfeff") << name;
  }
  sigset_t mine;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mine);
  EXPECT_EQ(::sigismember(&mine, SIGUSR1), 0) << "the mask of the caller is unchanged";
}

TEST(SessionThreads, StayOnTheirProcessors) {
  cpu_set_t allowed;
  ASSERT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
  int last = CPU_SETSIZE - 1;
  while (!CPU_ISSET(last, &allowed)) --last;
  SessionOptions options;
  options.threads.processors = {last};
  Session session(fake_model(3, 1us), options);
  for (const std::string name : {"einet-run", "einet-timer"}) {
    EXPECT_EQ(thread_status(name, "Cpus_allowed_list"), std::to_string(last)) << name;
  }
  for (const int processor : {-1, CPU_SETSIZE, CPU_SETSIZE - 1}) {
    options.threads.processors = {processor};
    expect_error(ErrorKind::kUsage, "processor", [&] { Session refused(fake_model(3, 1us), options); });
  }
}

TEST(SessionThreads, RealTimeSchedulingWorksOrIsReportedAsAnError) {
  SessionOptions options;
  options.threads.scheduling = Scheduling::kFifo;
  options.threads.priority = 10;
  options.threads.lock_memory = true;
  try {
    Session session(fake_model(50, 20us), options);
    session.start(pixel(1), Seconds(1e-3));
    session.wait();
    EXPECT_EQ(session.state(), RunState::kInterrupted);
    for (const Answer& answer : session.answers()) EXPECT_LT(answer.elapsed, 1ms);
    ::munlockall();
  } catch (const Error& error) {  // Without permission.
    EXPECT_EQ(error.kind(), ErrorKind::kIo) << error.what();
  }
  options.threads.priority = 1000;
  EXPECT_THROW(Session(fake_model(3, 1us), options), Error);
}

TEST(SessionThreads, InAForkedChildStartFailsAndNothingHangs) {
  Session session(fake_model(3, 1us));
  session.start(pixel(1));
  session.wait();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    int failed = 1;
    try {
      session.start(pixel(1));
    } catch (const Error& error) {
      failed = error.kind() == ErrorKind::kUsage ? 0 : 2;
    }
    if (!session.wait().exists() || !session.wait_next(1000).exists()) failed = 3;
    session.interrupt();
    session.~Session();
    ::_exit(failed);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  session.start(pixel(1));
  EXPECT_TRUE(session.wait().exists());
}

}  // namespace
}  // namespace einet
