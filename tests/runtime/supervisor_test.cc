#include "einet/supervisor.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "einet/error.h"
#include "expect_error.h"
#include "io/temporary_directory.h"
#include "runtime/fake_program.h"

// This program is its own worker: "supervisor_test --worker KIND [FILE]".

namespace einet {
namespace {

using namespace std::chrono_literals;
using testing::FakeProgram;
namespace fs = std::filesystem;

constexpr int kExits = 6;
constexpr std::chrono::nanoseconds kPrimitive = 500us;
/// Pixels that make a worker misbehave: at kBadExit, and kSegfaultFirst before the first answer.
constexpr float kSegfault = 100.0f, kHang = 101.0f, kLeave = 102.0f, kSegfaultFirst = 103.0f;
constexpr int kBadExit = 2;

/// The threads of a session block all signals except those of faults.
void segfault() noexcept {
  void* const page = ::mmap(nullptr, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  *static_cast<volatile char*>(page) = 1;
}

/// Misbehaves on some pixels.
class BadProgram final : public exec::Program {
 public:
  explicit BadProgram(std::shared_ptr<const FakeProgram> program) : program_(std::move(program)) {
    blocks_ = {program_->blocks().begin(), program_->blocks().end()};
    outputs_.assign(kExits, FakeProgram::kClasses);
    input_shape_ = program_->input_shape();
  }
  std::vector<std::string> implementations() const override { return {}; }
  std::unique_ptr<exec::Execution> new_execution() const override {
    return std::make_unique<BadExecution>(program_->new_execution());
  }

 private:
  class BadExecution final : public exec::Execution {
   public:
    explicit BadExecution(std::unique_ptr<exec::Execution> inner) : inner_(std::move(inner)) {}
    void set_input(std::span<const float> input) noexcept override {
      pixel_ = input[0];
      inner_->set_input(input);
    }
    exec::PartEnd run_conv_part(int exit, exec::StopSignal stop) noexcept override {
      if (pixel_ == kSegfaultFirst && exit == 0) segfault();
      if (exit == kBadExit) misbehave();
      return inner_->run_conv_part(exit, stop);
    }
    exec::PartEnd run_branch(int exit, exec::StopSignal stop) noexcept override {
      return inner_->run_branch(exit, stop);
    }
    std::span<const float> output(int exit) const noexcept override { return inner_->output(exit); }

   private:
    void misbehave() const noexcept {
      if (pixel_ == kSegfault) segfault();
      if (pixel_ == kLeave) ::syscall(SYS_exit_group, 7);  // ThreadSanitizer's _exit() sleeps for a second.
      while (pixel_ == kHang) std::this_thread::sleep_for(1s);
    }

    std::unique_ptr<exec::Execution> inner_;
    float pixel_ = 0.0f;
  };

  std::shared_ptr<const FakeProgram> program_;
};

std::shared_ptr<const Model> bad_model() {
  const auto fake = std::make_shared<FakeProgram>(kExits, kPrimitive, 2);
  ModelParts parts;
  parts.times.conv.assign(kExits, fake->part_seconds());
  parts.times.branch = parts.times.conv;
  parts.program = std::make_shared<BadProgram>(fake);
  parts.policy = [] { return fixed_policy(plan::ExitPlan::all(kExits)); };
  return Model::make(std::move(parts));
}

int worker_main(const std::string& kind, const std::string& file) {
  ::prctl(PR_SET_DUMPABLE, 0);  // No core files.
  return run_worker([&]() -> std::shared_ptr<const Model> {
    if (kind == "unreadable") throw Error(ErrorKind::kInvalidData, "model: file", "is damaged");
    if (kind == "dies") ::raise(SIGKILL);
    if (kind == "slow") std::this_thread::sleep_for(100s);
    if (kind == "once" && fs::exists(file)) throw Error(ErrorKind::kNotFound, file, "is gone");
    if (kind == "once") std::ofstream(file) << "x";
    return bad_model();
  });
}

std::vector<std::string> worker(const std::string& kind = "", const std::string& file = "/nowhere") {
  return {"/proc/self/exe", "--worker", kind, file};
}

std::uint64_t start(Supervisor& supervisor, float pixel, const RunOptions& options = {}) {
  return supervisor.start(std::vector<float>{pixel}, options);
}

void await_process(const Supervisor& supervisor, std::int64_t other_than) {
  while (supervisor.process() == 0 || supervisor.process() == other_than) std::this_thread::sleep_for(1ms);
}

TEST(Supervisor, AnswersLikeASession) {
  Supervisor supervisor(worker());
  Session session(bad_model());
  EXPECT_EQ(supervisor.exits(), kExits);
  EXPECT_EQ(supervisor.input_size(), 1u);
  EXPECT_NEAR(supervisor.horizon().count(), 2 * kExits * 1e-3, 1e-9);
  EXPECT_EQ(supervisor.state(), RunState::kIdle);
  EXPECT_FALSE(supervisor.latest().exists());
  EXPECT_FALSE(supervisor.wait().exists());
  for (const float pixel : {3.0f, 7.0f}) {
    const std::uint64_t run = start(supervisor, pixel, {.frame = 11});
    const Answer answer = supervisor.wait();
    session.start(std::vector<float>{pixel}, {.frame = 11});
    const Answer expected = session.wait();
    EXPECT_EQ(supervisor.state(), RunState::kFinished);
    EXPECT_EQ(supervisor.failure(), "");
    EXPECT_EQ(answer.run, run);
    EXPECT_EQ(answer.label, expected.label);
    EXPECT_EQ(answer.exit, expected.exit);
    EXPECT_EQ(answer.confidence, expected.confidence);
    EXPECT_EQ(answer.frame, 11u);
    EXPECT_EQ(supervisor.latest(), answer);
    EXPECT_EQ(supervisor.latest(run), answer);
    EXPECT_FALSE(supervisor.latest(run + 1).exists());
  }
  EXPECT_TRUE(supervisor.ends().empty());
}

TEST(Supervisor, WaitsForEachAnswer) {
  Supervisor supervisor(worker());
  const std::uint64_t run = start(supervisor, 1.0f);
  std::uint64_t sequence = 0;
  int answers = 0, exit = -1;
  for (;; ++answers) {
    const Answer answer = supervisor.wait_next(sequence);
    if (answer.sequence <= sequence) break;
    EXPECT_EQ(answer.run, run);
    EXPECT_GT(answer.exit, exit);
    exit = answer.exit;
    sequence = answer.sequence;
  }
  EXPECT_GE(answers, 1);
  EXPECT_EQ(exit, kExits - 1);
}

TEST(Supervisor, StopsAtTheDeadlineAndNumbersRuns) {
  Supervisor supervisor(worker());
  const Clock::time_point begin = Clock::now() - 1ms;
  start(supervisor, 1.0f, {.deadline = Seconds(4.5e-3), .number = 40, .begin = begin});
  const Answer answer = supervisor.wait();
  EXPECT_EQ(supervisor.state(), RunState::kInterrupted);
  EXPECT_LT(answer.exit, 2);
  if (answer.exists()) {
    EXPECT_EQ(answer.run, 40u);
    EXPECT_EQ(answer.time - answer.elapsed, begin);
    EXPECT_LT(answer.elapsed, 4500us);
  }
  EXPECT_EQ(start(supervisor, 1.0f), 41u);
  expect_error(ErrorKind::kUsage, "run 41: must have a number above", [&] { start(supervisor, 1.0f, {.number = 41}); });
  EXPECT_EQ(supervisor.state(), RunState::kRunning);
  start(supervisor, 2.0f, {.deadline = Seconds(0)});
  EXPECT_FALSE(supervisor.wait().exists());
}

TEST(Supervisor, NothingIsPublishedAfterAnInterrupt) {
  Supervisor supervisor(worker());
  std::mt19937 random(1);
  for (int i = 0; i < 50; ++i) {
    const std::uint64_t run = start(supervisor, 1.0f);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 8000));
    supervisor.interrupt(run);
    const Answer answer = supervisor.latest(run);
    EXPECT_NE(supervisor.state(), RunState::kRunning);
    std::this_thread::sleep_for(1ms);
    EXPECT_EQ(supervisor.latest(run), answer);
    EXPECT_EQ(supervisor.wait(), answer);
  }
  const std::uint64_t run = start(supervisor, 1.0f);
  supervisor.interrupt(run + 1);
  EXPECT_EQ(supervisor.state(), RunState::kInterrupted);
  start(supervisor, 1.0f);
  EXPECT_FALSE(supervisor.wait().exists()) << "interrupted before it began";
  start(supervisor, 4.0f);
  EXPECT_EQ(supervisor.wait().label, FakeProgram::label(4.0f, kExits - 1));
}

TEST(Supervisor, ANewRunEndsThePreviousOne) {
  Supervisor supervisor(worker());
  std::uint64_t run = 0;
  for (int i = 0; i < 200; ++i) run = start(supervisor, static_cast<float>(i % 10));
  const Answer answer = supervisor.wait();
  EXPECT_EQ(answer.run, run);
  EXPECT_EQ(answer.label, FakeProgram::label(9.0f, kExits - 1));
}

TEST(Supervisor, AKilledWorkerLeavesItsAnswerAndIsReplaced) {
  Supervisor supervisor(worker());
  for (int i = 0; i < 5; ++i) {
    const std::int64_t process = supervisor.process();
    const std::uint64_t run = start(supervisor, 1.0f);
    const Answer first = supervisor.wait_next(supervisor.latest().run == run ? 0 : supervisor.latest().sequence);
    ASSERT_EQ(first.run, run);
    ::kill(static_cast<pid_t>(process), SIGKILL);
    const Answer last = supervisor.wait();
    EXPECT_GE(last.exit, first.exit);
    if (supervisor.state() == RunState::kFailed) {
      EXPECT_EQ(supervisor.failure(), "the worker was killed by SIGKILL");
    }
    await_process(supervisor, process);
    EXPECT_EQ(supervisor.latest(), last);
    ASSERT_EQ(supervisor.ends().size(), static_cast<std::size_t>(i + 1));
    const WorkerEnd end = supervisor.ends().back();
    EXPECT_EQ(end.process, process);
    EXPECT_EQ(end.signal, SIGKILL);
    EXPECT_EQ(end.exit_status, -1);
    EXPECT_FALSE(end.unresponsive);
    start(supervisor, 5.0f);
    EXPECT_EQ(supervisor.wait().label, FakeProgram::label(5.0f, kExits - 1));
    EXPECT_EQ(supervisor.state(), RunState::kFinished);
  }
}

TEST(Supervisor, ARunWithAnAnswerFailsWithItsWorker) {
  Supervisor supervisor(worker());
  start(supervisor, kSegfault);
  const Answer answer = supervisor.wait();
  EXPECT_EQ(supervisor.state(), RunState::kFailed);
  EXPECT_EQ(supervisor.failure(), "the worker was killed by SIGSEGV");
  EXPECT_EQ(answer.exit, kBadExit - 1);
  start(supervisor, kLeave);
  EXPECT_EQ(supervisor.wait().exit, kBadExit - 1);
  EXPECT_EQ(supervisor.failure(), "the worker exited with status 7");
  EXPECT_EQ(supervisor.ends().back().exit_status, 7);
  start(supervisor, 3.0f);
  EXPECT_EQ(supervisor.wait().exit, kExits - 1);
}

TEST(Supervisor, ARunWithoutAnAnswerIsRepeatedOnce) {
  Supervisor supervisor(worker());
  start(supervisor, kSegfaultFirst);
  EXPECT_FALSE(supervisor.wait().exists());
  EXPECT_EQ(supervisor.state(), RunState::kFailed);
  EXPECT_EQ(supervisor.ends().size(), 2u);
  const std::uint64_t run = start(supervisor, 2.0f);  // Waits for a worker, if there is none yet.
  const Answer answer = supervisor.wait();
  EXPECT_EQ(answer.run, run);
  EXPECT_EQ(answer.exit, kExits - 1);
}

TEST(Supervisor, ARunKilledBeforeItsAnswerSucceedsInTheNextWorker) {
  Supervisor supervisor(worker());
  const std::int64_t process = supervisor.process();
  ::kill(static_cast<pid_t>(process), SIGSTOP);  // So that it cannot answer before it is killed.
  const std::uint64_t run = start(supervisor, 6.0f);
  ::kill(static_cast<pid_t>(process), SIGKILL);
  const Answer answer = supervisor.wait();
  EXPECT_EQ(supervisor.state(), RunState::kFinished);
  EXPECT_EQ(answer.run, run);
  EXPECT_EQ(answer.label, FakeProgram::label(6.0f, kExits - 1));
}

TEST(Supervisor, ASilentWorkerIsReplaced) {
  Supervisor supervisor(worker(), {.unresponsive_after = Seconds(0.2)});
  // A part of the network that never returns.
  start(supervisor, kHang, {.deadline = Seconds(0.02)});
  EXPECT_EQ(supervisor.wait().exit, kBadExit - 1) << "at the deadline, independent of the worker";
  EXPECT_EQ(supervisor.state(), RunState::kInterrupted);
  start(supervisor, kHang);
  const Answer answer = supervisor.wait();
  EXPECT_EQ(supervisor.state(), RunState::kFailed);
  EXPECT_EQ(supervisor.failure(), "the worker did not respond for 200 ms and was killed");
  EXPECT_EQ(answer.exit, kBadExit - 1);
  EXPECT_TRUE(supervisor.ends().back().unresponsive);
  EXPECT_FALSE(supervisor.ends().back().out_of_memory);
  start(supervisor, 3.0f);
  EXPECT_EQ(supervisor.wait().exit, kExits - 1);
  // A worker that is stopped while no run is in progress.
  const std::int64_t process = supervisor.process();
  ::kill(static_cast<pid_t>(process), SIGSTOP);
  await_process(supervisor, process);
  EXPECT_EQ(supervisor.ends().back().process, process);
  EXPECT_TRUE(supervisor.ends().back().unresponsive);
}

TEST(Supervisor, ReportsWhyTheFirstWorkerCannotStart) {
  expect_error(ErrorKind::kInvalidData, "model: file: is damaged", [] { Supervisor(worker("unreadable")); });
  expect_error(ErrorKind::kNotFound, "/no/such/program", [] { Supervisor({"/no/such/program"}); });
  expect_error(ErrorKind::kIo, "/", [] { Supervisor({"/"}); });
  expect_error(ErrorKind::kUsage, "has no command", [] { Supervisor({}); });
  expect_error(ErrorKind::kUsage, "exited with status 0 before it loaded a model", [] { Supervisor({"true"}); });
  expect_error(ErrorKind::kUsage, "SIGKILL", [] { Supervisor(worker("dies")); });
  expect_error(ErrorKind::kUsage, "did not load its model within 100 ms",
               [] { Supervisor(worker("slow"), {.load_limit = Seconds(0.1)}); });
  for (const double limit : {0.0, -1.0, std::nan("")}) {
    expect_error(ErrorKind::kUsage, "unresponsive_after",
                 [&] { Supervisor(worker(), {.unresponsive_after = Seconds(limit)}); });
  }
  expect_error(ErrorKind::kUsage, "was not started by a supervisor", [] { run_worker([] { return nullptr; }); });
}

TEST(Supervisor, RunsFailWhileNoWorkerCanLoad) {
  const TemporaryDirectory directory;
  const fs::path file = directory.path() / "file";
  Supervisor supervisor(worker("once", file));  // The next one finds the file and throws.
  const std::int64_t process = supervisor.process();
  ::kill(static_cast<pid_t>(process), SIGSTOP);
  start(supervisor, 1.0f);
  ::kill(static_cast<pid_t>(process), SIGKILL);
  EXPECT_FALSE(supervisor.wait().exists());
  EXPECT_EQ(supervisor.state(), RunState::kFailed);
  EXPECT_NE(supervisor.failure().find("is gone"), std::string::npos) << supervisor.failure();
  start(supervisor, 1.0f);
  EXPECT_EQ(supervisor.state(), RunState::kFailed) << "at once";
  fs::remove(file);
  for (;;) {  // The supervisor keeps trying.
    start(supervisor, 1.0f);
    if (supervisor.wait().exists()) break;
    std::this_thread::sleep_for(10ms);
  }
}

TEST(Supervisor, RejectsInvalidImagesWithoutDisturbingARun) {
  Supervisor supervisor(worker());
  const std::uint64_t run = start(supervisor, 1.0f);
  expect_error(ErrorKind::kInvalidData, "has 2 values", [&] { supervisor.start(std::vector<float>{1, 2}); });
  expect_error(ErrorKind::kInvalidData, "value 0", [&] { start(supervisor, std::nanf("")); });
  expect_error(ErrorKind::kInvalidData, "deadline", [&] { start(supervisor, 1.0f, {.deadline = Seconds(NAN)}); });
  EXPECT_EQ(supervisor.wait().run, run);
  EXPECT_EQ(supervisor.state(), RunState::kFinished);
  // Errors that only the worker can detect end the run.
  start(supervisor, 1.0f, {.publish = Publish::kCombined});
  EXPECT_FALSE(supervisor.wait().exists());
  EXPECT_NE(supervisor.failure().find("combined answers"), std::string::npos) << supervisor.failure();
}

TEST(Supervisor, SharesASlotAndKeepsTheLastAnswerInAFile) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "slot", stored = directory.path() / "stored";
  std::uint64_t run = 0;
  {
    Supervisor supervisor(worker(), {.slot = SharedSlot::create(path), .persist = stored});
    start(supervisor, 3.0f);
    run = supervisor.wait().run;
    const auto reader = SharedSlot::attach(path);
    EXPECT_EQ(reader->read().run, run);
    EXPECT_EQ(reader->owner().process, supervisor.process());
    EXPECT_TRUE(reader->owner().alive);
    expect_error(ErrorKind::kIo, path.string() + ": process",
                 [&] { Supervisor(worker(), {.slot = SharedSlot::create(path)}); });
    ::kill(static_cast<pid_t>(supervisor.process()), SIGKILL);
    await_process(supervisor, reader->owner().process);
    start(supervisor, 4.0f);
    EXPECT_EQ(supervisor.wait().run, run + 1);
    EXPECT_EQ(reader->read().run, run + 1);
    EXPECT_EQ(supervisor.persist_failure(), "");
  }
  EXPECT_EQ(read_stored_answer(stored).answer.run, run + 1);
  Supervisor next(worker(), {.slot = SharedSlot::create(path)});
  EXPECT_EQ(next.latest().run, run + 1);
  EXPECT_FALSE(next.wait().exists());
  EXPECT_EQ(start(next, 1.0f), run + 2);
}

TEST(Supervisor, AWorkerEndsWithItsSupervisor) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);  // The orphan becomes a child of this process.
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    Supervisor supervisor(worker());
    const std::int64_t process = supervisor.process();
    static_cast<void>(!::write(ends[1], &process, sizeof process));
    ::raise(SIGKILL);
  }
  std::int64_t process = 0;
  ASSERT_EQ(::read(ends[0], &process, sizeof process), static_cast<ssize_t>(sizeof process));
  ::waitpid(child, nullptr, 0);
  int status = 0;
  EXPECT_EQ(::waitpid(static_cast<pid_t>(process), &status, 0), process);
  EXPECT_TRUE(WIFEXITED(status));
}

// The monitor of the parent may hold the mutex at the moment of the fork, and nobody unlocks it in the child.
TEST(Supervisor, QueriesDoNotBlockInAForkedChild) {
  const TemporaryDirectory directory;
  Supervisor supervisor(worker(), {.persist = directory / "answer"});
  std::atomic<bool> over{false};
  std::thread busy([&] {  // Locks the mutexes most of the time.
    while (!over) {
      static_cast<void>(supervisor.ends());
      static_cast<void>(supervisor.persist_failure());
    }
  });
  int blocked = 0;
  for (int k = 0; k < 100; ++k) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(10);
      const bool empty = supervisor.process() == 0 && supervisor.ends().empty() && supervisor.failure().empty() &&
                         supervisor.persist_failure().empty() && supervisor.state() == RunState::kIdle;
      static_cast<void>(supervisor.latest());
      ::_exit(empty ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    blocked += status != 0;
  }
  over = true;
  busy.join();
  EXPECT_EQ(blocked, 0);
  EXPECT_NE(supervisor.process(), 0);
}

TEST(Supervisor, CannotBeUsedInAForkedChild) {
  Supervisor supervisor(worker());
  start(supervisor, 1.0f);
  const pid_t child = ::fork();
  if (child == 0) {
    int failures = 0;
    try {
      start(supervisor, 1.0f);
      failures = 1;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kUsage) failures = 2;
    }
    if (supervisor.wait().exists() || supervisor.wait_next(0).exists()) failures = 3;
    supervisor.interrupt();
    supervisor.~Supervisor();
    ::_exit(failures);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(supervisor.wait().exit, kExits - 1);
}

}  // namespace
}  // namespace einet

int main(int argc, char** argv) {
  if (argc > 3 && std::string(argv[1]) == "--worker") return einet::worker_main(argv[2], argv[3]);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
