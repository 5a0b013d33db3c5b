// A writer that is killed, or stopped and continued later, at every instruction of publish().

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "runtime/answer_slot.h"
#include "runtime/numbered_answer.h"

namespace einet {
namespace {

using testing::is_whole;
using testing::numbered;

using Slot = BasicAnswerSlot<8>;

/// Memory shared with children, zeroed for every round.
class SharedBytes {
 public:
  SharedBytes() : memory_(::mmap(nullptr, sizeof(Slot), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {}
  ~SharedBytes() { ::munmap(memory_, sizeof(Slot)); }
  SharedBytes(const SharedBytes&) = delete;
  SharedBytes& operator=(const SharedBytes&) = delete;
  Slot& fresh() { return *new (memory_) Slot; }

 private:
  void* memory_;
};

/// A child that publishes numbered(4) between two stops, traced by this process.
class TracedWriter {
 public:
  explicit TracedWriter(Slot& slot) {
    child_ = ::fork();
    if (child_ == 0) {
      Slot::Writer writer(slot, 0);
      for (std::uint64_t k = 1; k <= 3; ++k) writer.publish(numbered(k));
      const Answer next = numbered(4);
      if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) ::_exit(2);
      ::raise(SIGSTOP);
      writer.publish(next);
      ::raise(SIGSTOP);
      writer.publish(numbered(5));
      ::_exit(writer.replaced() ? 1 : 0);
    }
    ::waitpid(child_, &status_, 0);
  }
  ~TracedWriter() {
    if (!over()) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, &status_, 0);
    }
  }
  TracedWriter(const TracedWriter&) = delete;
  TracedWriter& operator=(const TracedWriter&) = delete;

  bool over() const { return WIFEXITED(status_) || WIFSIGNALED(status_); }
  int exit_code() const { return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1; }

  /// Executes `count` instructions. False if the child reaches its second stop before that.
  bool step(int count) {
    for (int k = 0; k < count; ++k) {
      if (::ptrace(PTRACE_SINGLESTEP, child_, nullptr, nullptr) != 0) return false;
      ::waitpid(child_, &status_, 0);
      if (!WIFSTOPPED(status_) || WSTOPSIG(status_) != SIGTRAP) return false;
    }
    return true;
  }
  void kill() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, &status_, 0);
  }
  /// Lets it run to its end.
  void finish() {
    while (!over()) {
      ::ptrace(PTRACE_CONT, child_, nullptr, nullptr);
      ::waitpid(child_, &status_, 0);
    }
  }

 private:
  pid_t child_ = -1;
  int status_ = 0;
};

TEST(EveryInstruction, AKilledWriterLosesNoAnswer) {
  SharedBytes bytes;
  std::uint64_t last = 3;
  int steps = 0;
  for (bool more = true; more; ++steps) {
    Slot& slot = bytes.fresh();
    TracedWriter writer(slot);
    if (writer.exit_code() == 2) GTEST_SKIP() << "this process is not permitted to trace its children";
    more = writer.step(steps);
    writer.kill();
    const Answer answer = slot.read();
    ASSERT_TRUE(is_whole(answer)) << steps;
    ASSERT_TRUE(answer.run == 3 || answer.run == 4) << steps;
    ASSERT_GE(answer.run, last) << "a published answer is not lost; step " << steps;
    last = answer.run;
    Slot::Writer successor(slot, static_cast<int>(1 + steps % 7));
    ASSERT_EQ(slot.read().run, last);
    successor.publish(numbered(9));
    ASSERT_EQ(slot.read().run, 9u) << steps;
    ASSERT_LT(steps, 20000);
  }
  EXPECT_EQ(last, 4u);
  EXPECT_GT(steps, 50);
}

TEST(EveryInstruction, AStoppedWriterThatContinuesAfterItWasReplacedChangesNothing) {
  SharedBytes bytes;
  int steps = 0;
  for (bool more = true; more; ++steps) {
    Slot& slot = bytes.fresh();
    TracedWriter writer(slot);
    if (writer.exit_code() == 2) GTEST_SKIP() << "this process is not permitted to trace its children";
    more = writer.step(steps);
    const Answer before = slot.read();
    Slot::Writer successor(slot, 1);
    ASSERT_EQ(slot.read().run, before.run) << "the answer is not lost; step " << steps;
    if (steps % 2 == 0) successor.publish(numbered(9));
    const Answer taken_over = slot.read();
    ASSERT_GE(taken_over.sequence, before.sequence);
    writer.finish();
    ASSERT_EQ(writer.exit_code(), 1) << "it reports that it was replaced; step " << steps;
    ASSERT_EQ(slot.read(), taken_over) << steps;
    successor.publish(numbered(11));
    ASSERT_EQ(slot.read().run, 11u);
    ASSERT_LT(steps, 20000);
  }
  EXPECT_GT(steps, 50);
}

}  // namespace
}  // namespace einet
