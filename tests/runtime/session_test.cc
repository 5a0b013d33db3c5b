#include "einet/session.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <random>
#include <thread>
#include <vector>

#include "einet/error.h"
#include "expect_error.h"
#include "runtime/fake_program.h"
#include "runtime/model_parts.h"

namespace einet {
namespace {

using namespace std::chrono_literals;
using testing::fake_model;
using testing::FakeProgram;

std::vector<float> pixel(float value) { return {value}; }

void expect_genuine(const Answer& answer, float image, int exits) {
  if (!answer.exists()) return;
  EXPECT_LT(answer.exit, exits);
  EXPECT_EQ(answer.label, FakeProgram::label(image, answer.exit));
  EXPECT_GT(answer.confidence, 0.1f);
  EXPECT_GE(answer.elapsed.count(), 0);
}

TEST(Session, RunsToTheEnd) {
  Session session(fake_model(5, 1us));
  EXPECT_EQ(session.state(), RunState::kIdle);
  EXPECT_FALSE(session.latest().exists());
  EXPECT_FALSE(session.wait().exists());
  session.start(pixel(3));
  const Answer answer = session.wait();
  EXPECT_EQ(session.state(), RunState::kFinished);
  EXPECT_EQ(answer.exit, 4);
  EXPECT_EQ(answer.label, FakeProgram::label(3, 4));
  EXPECT_EQ(answer.run, 1u);
  EXPECT_EQ(session.latest().sequence, answer.sequence);
  ASSERT_EQ(session.answers().size(), 5u);
  ASSERT_EQ(session.trace().size(), 10u);
  for (int i = 0; i < 5; ++i) {
    expect_genuine(session.answers()[i], 3, 5);
    EXPECT_EQ(session.answers()[i].exit, i);
    EXPECT_EQ(session.trace()[2 * i].kind, plan::BlockKind::kConvPart);
    EXPECT_EQ(session.trace()[2 * i + 1].kind, plan::BlockKind::kBranch);
    EXPECT_EQ(session.trace()[2 * i + 1].exit, i);
    EXPECT_LE(session.trace()[2 * i].begin, session.trace()[2 * i].end);
    EXPECT_EQ(session.trace()[2 * i].end, session.trace()[2 * i + 1].begin);
  }
}

TEST(Session, AnswersCanBeReadDuringTheRun) {
  constexpr int kExits = 200;
  Session session(fake_model(kExits, 20us));
  for (int run = 0; run < 3; ++run) {
    session.start(pixel(3));
    std::size_t seen = 0;
    for (bool running = true; running;) {
      running = session.state() == RunState::kRunning;
      const std::span<const Answer> answers = session.answers();
      ASSERT_GE(answers.size(), seen) << "none is taken back";
      for (; seen < answers.size(); ++seen) {
        expect_genuine(answers[seen], 3, kExits);
        EXPECT_EQ(answers[seen].exit, static_cast<int>(seen));
        EXPECT_EQ(answers[seen].run, static_cast<std::uint64_t>(run) + 1);
      }
    }
    EXPECT_EQ(seen, static_cast<std::size_t>(kExits)) << "and none is lost";
  }
}

TEST(Session, StopsAfterTheLastPlannedExit) {
  plan::ExitPlan plan(6);
  plan.insert(1);
  plan.insert(3);
  Session session(fake_model(6, 1us, 1, [plan] { return fixed_policy(plan); }));
  session.start(pixel(0));
  EXPECT_EQ(session.wait().exit, 3);
  EXPECT_EQ(session.state(), RunState::kFinished);
  EXPECT_EQ(session.answers().size(), 2u);
  EXPECT_EQ(session.trace().size(), 4u + 2u);  // nothing of block 5 and 6
}

TEST(Session, AnEmptyPlanRunsNothing) {
  Session session(fake_model(3, 1us, 1, [] { return fixed_policy(plan::ExitPlan(3)); }));
  session.start(pixel(0));
  EXPECT_FALSE(session.wait().exists());
  EXPECT_EQ(session.state(), RunState::kFinished);
  EXPECT_TRUE(session.trace().empty());
}

TEST(Session, ObeysTheThresholdPolicy) {
  // Confidence of exit i: e^(1+i/10) / (e^(1+i/10) + 9), above 0.27 from exit 2 on.
  Session session(fake_model(8, 1us, 1, [] { return threshold_policy(8, 0.268f); }));
  session.start(pixel(0));
  EXPECT_EQ(session.wait().exit, 2);
}

/// Session whose runs with a deadline of 0 have no answer.
SessionOptions initial(Initial which) {
  SessionOptions options;
  options.initial = which;
  return options;
}

TEST(InitialAnswer, IsNoneUnlessAskedFor) {
  Session session(fake_model(3, 1us));
  session.start(pixel(3));
  ASSERT_TRUE(session.wait().exists());
  session.start(pixel(5), Seconds(0));
  EXPECT_EQ(session.wait(), Answer{});
}

TEST(InitialAnswer, IsThePreviousOneUntilTheRunAnswers) {
  Session session(fake_model(3, 1us), initial(Initial::kPrevious));
  const std::uint64_t first = session.start(pixel(3), Seconds(0));
  EXPECT_EQ(session.wait(), Answer{}) << "there is none before";
  const std::uint64_t answered = session.start(pixel(3), {.frame = 7});
  const Answer genuine = session.wait();
  ASSERT_TRUE(genuine.exists());
  EXPECT_FALSE(genuine.is_initial());
  EXPECT_EQ(session.latest(first), Answer{}) << "a later run has answered";

  for (int i = 0; i < 2; ++i) {  // The second time over a run that had none of its own.
    const std::uint64_t run = session.start(pixel(5), Seconds(0));
    const Answer before = session.wait();
    EXPECT_FALSE(before.exists());
    EXPECT_TRUE(before.is_initial());
    Answer expected = genuine;
    expected.exit = -1;
    EXPECT_EQ(before, expected);
    EXPECT_EQ(session.latest(run), expected);
    EXPECT_EQ(session.latest(), genuine) << "it is not published";
    EXPECT_TRUE(session.answers().empty());
    EXPECT_EQ(session.latest(answered), genuine);
    EXPECT_EQ(session.latest(run + 1), Answer{}) << "such a run has not been started";
  }
  const std::uint64_t last = session.start(pixel(5));
  EXPECT_EQ(session.wait().run, last);
  expect_genuine(session.wait(), 5, 3);
}

TEST(InitialAnswer, IsTheMostFrequentClass) {
  ModelParts parts = fake_model(3, 1us)->parts();
  parts.frequent = {.label = 4, .confidence = 0.25f};
  Session session(Model::make(parts), initial(Initial::kFrequent));
  for (int i = 0; i < 2; ++i) {
    session.start(pixel(5), Seconds(0));
    EXPECT_EQ(session.wait(), (Answer{.label = 4, .confidence = 0.25f}));
    session.start(pixel(5));
    expect_genuine(session.wait(), 5, 3);
    EXPECT_TRUE(session.wait().exists());
  }
  expect_error(ErrorKind::kNotFound, "initial answer",
               [] { Session(fake_model(3, 1us), initial(Initial::kFrequent)); });
}

TEST(InitialAnswer, IsNotStored) {
  const auto slot = SharedSlot::create_anonymous();
  SessionOptions options = initial(Initial::kPrevious);
  options.slot = slot;
  Session session(fake_model(3, 1us), options);
  session.start(pixel(3));
  const Answer genuine = session.wait();
  const Answer stored = slot->read();
  session.start(pixel(5), Seconds(0));
  EXPECT_TRUE(session.wait().is_initial());
  EXPECT_EQ(slot->read(), stored);
  EXPECT_EQ(session.wait_next(genuine.sequence), genuine);
}

TEST(Session, InterruptStopsAtTheNextPrimitive) {
  Session session(fake_model(100, 50us, 10));
  for (int i = 0; i < 5; ++i) {
    const std::uint64_t run = session.start(pixel(1));
    while (session.wait_next(0).run != run) std::this_thread::yield();
    session.interrupt();
    const Answer answer = session.wait();
    EXPECT_EQ(session.state(), RunState::kInterrupted);
    expect_genuine(answer, 1, 100);
    EXPECT_TRUE(answer.exists());
    EXPECT_LT(answer.exit, 99);
    EXPECT_EQ(session.latest().sequence, answer.sequence);
  }
}

TEST(Session, InterruptWithoutARunDoesNotStopTheNextOne) {
  Session session(fake_model(3, 1us));
  session.interrupt();
  EXPECT_EQ(session.state(), RunState::kIdle);
  session.start(pixel(1));
  session.wait();
  EXPECT_EQ(session.state(), RunState::kFinished);
  session.interrupt();
  EXPECT_EQ(session.state(), RunState::kFinished);
}

TEST(Session, StartingInterruptsTheRunBefore) {
  Session session(fake_model(100, 50us, 10));
  session.start(pixel(1));
  while (!session.latest().exists()) std::this_thread::yield();
  session.start(pixel(2));
  EXPECT_EQ(session.state(), RunState::kRunning);
  Answer answer = session.latest(2);
  while (!answer.exists()) answer = session.latest(2);
  expect_genuine(answer, 2, 100);
}

TEST(Session, TheAnswerOfTheRunBeforeStaysUntilThereIsAnother) {
  Session session(fake_model(4, 1us, 1));
  std::uint64_t last_with_an_answer = 0;
  for (int k = 1; k <= 2000; ++k) {
    const auto image = static_cast<float>(k % 7);
    const std::uint64_t run = session.start(pixel(image), {.frame = static_cast<std::uint64_t>(k) + 100});
    EXPECT_EQ(run, static_cast<std::uint64_t>(k));
    const Answer early = session.latest();
    if (early.run == run) {
      expect_genuine(early, image, 4);
      EXPECT_EQ(early.frame, run + 100);
    } else {
      EXPECT_EQ(early.run, last_with_an_answer);
      EXPECT_EQ(early.exists(), last_with_an_answer > 0);
    }
    if (k % 3 == 0) session.interrupt();
    if (k % 3 == 1) session.wait();
    if (k % 3 != 2) {
      const Answer answer = session.wait();
      if (answer.exists()) {
        EXPECT_EQ(answer.run, run);
      }
    } else {
      session.interrupt();
      session.wait();
    }
    if (session.latest(run).exists()) last_with_an_answer = run;
  }
}

TEST(Session, NothingIsPublishedAfterAnInterrupt) {
  constexpr int kExits = 300;
  Session session(fake_model(kExits, 1us, 1));
  std::mt19937 random(1);
  int cut = 0;
  for (int k = 0; k < 3000; ++k) {
    const std::uint64_t run = session.start(pixel(1));
    const auto until = Clock::now() + std::chrono::nanoseconds(random() % 300'000);
    while (Clock::now() < until) {
    }
    session.interrupt(run);
    const Answer at_once = session.latest(run);
    session.wait();
    ASSERT_EQ(session.latest(run), at_once);
    cut += session.state() == RunState::kInterrupted;
  }
  EXPECT_GT(cut, 100);
}

TEST(Session, AnInterruptBeforeTheRunIsNotLost) {
  Session session(fake_model(3, 20us));
  session.interrupt(2);
  session.start(pixel(1));
  EXPECT_FALSE(session.wait().exists());
  EXPECT_EQ(session.state(), RunState::kInterrupted);
  session.start(pixel(1));
  EXPECT_FALSE(session.wait().exists());
  const std::uint64_t run = session.start(pixel(1));
  EXPECT_EQ(run, 3u);
  session.interrupt(run - 1);  // late: no matter
  EXPECT_TRUE(session.wait().exists());
  EXPECT_EQ(session.state(), RunState::kFinished);
}

// Interrupts about the call of start(), by a thread that knows when it began: none may be lost.
TEST(Session, AnInterruptDuringStartIsNotLost) {
  constexpr int kExits = 400;
  Session session(fake_model(kExits, 20us, 1));
  std::atomic<int> begun{0}, interrupted{0};
  constexpr int kRuns = 300;
  std::thread other([&] {
    for (int k = 1; k <= kRuns; ++k) {
      while (begun.load() < k) {
      }
      for (int spin = 0; spin < k % 50 * 20; ++spin) std::atomic_signal_fence(std::memory_order_seq_cst);
      session.interrupt(static_cast<std::uint64_t>(k));
      interrupted = k;
    }
  });
  for (int k = 1; k <= kRuns; ++k) {
    begun = k;
    session.start(pixel(1));
    session.wait();
    ASSERT_EQ(session.state(), RunState::kInterrupted) << k;
    while (interrupted.load() < k) std::this_thread::yield();
  }
  other.join();
}

TEST(Session, AFailedStartUsesUpANumberAndAnInterruptMeantForItStopsTheRunInProgress) {
  Session session(fake_model(1000, 50us, 10));
  EXPECT_EQ(session.start(pixel(1)), 1u);
  EXPECT_THROW(session.start(std::vector<float>(2)), Error);
  EXPECT_EQ(session.state(), RunState::kRunning);
  session.interrupt();
  session.wait();
  EXPECT_EQ(session.state(), RunState::kInterrupted);
  EXPECT_EQ(session.start(pixel(1)), 3u);
}

TEST(Session, WaitsForTheNextAnswer) {
  constexpr int kExits = 50;
  Session session(fake_model(kExits, 100us, 1));
  EXPECT_FALSE(session.wait_next(0).exists()) << "no run, no waiting";
  for (int k = 0; k < 3; ++k) {
    const std::uint64_t before = session.latest().sequence;
    const std::uint64_t run = session.start(pixel(2));
    std::uint64_t seen = before;
    int answers = 0;
    for (Answer answer = session.wait_next(seen); answer.sequence > seen; answer = session.wait_next(seen)) {
      EXPECT_EQ(answer.run, run);
      expect_genuine(answer, 2, kExits);
      seen = answer.sequence;
      ++answers;
    }
    EXPECT_EQ(session.state(), RunState::kFinished);
    EXPECT_EQ(session.latest().sequence, seen);
    EXPECT_GT(answers, 0);
    EXPECT_LE(answers, kExits);
  }
}

TEST(Session, ScoresThatAreNotNumbersAreNoAnswer) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  Session session(fake_model(std::make_shared<FakeProgram>(3, 1us, 1, std::vector<float>{2, kNan, kNan})));
  session.start(pixel(4));
  const Answer answer = session.wait();
  EXPECT_EQ(answer.exit, 0);
  expect_genuine(answer, 4, 3);
  EXPECT_EQ(session.state(), RunState::kFinished);
  EXPECT_EQ(session.answers().size(), 1u);
  EXPECT_EQ(session.trace().size(), 6u);

  Session hopeless(fake_model(std::make_shared<FakeProgram>(2, 1us, 1, std::vector<float>{kNan, kNan})));
  hopeless.start(pixel(4));
  EXPECT_FALSE(hopeless.wait().exists());
  EXPECT_EQ(hopeless.state(), RunState::kFailed);
  EXPECT_NE(hopeless.failure().find("NaN"), std::string_view::npos);
}

TEST(Session, AFailingPrimitiveIsNoInterruption) {
  auto program = std::make_shared<FakeProgram>(5, 1us, 1);
  program->fail_at(3);
  Session session(fake_model(program));
  session.start(pixel(4));
  const Answer answer = session.wait();
  EXPECT_EQ(session.state(), RunState::kFailed);
  EXPECT_FALSE(session.failure().empty());
  EXPECT_EQ(answer.exit, 2) << "what was good before stays";
  expect_genuine(answer, 4, 5);
}

TEST(Session, NamesSeveralClasses) {
  Session session(fake_model(3, 1us), {.top = 3});
  session.start(pixel(5));
  const Answer answer = session.wait();
  EXPECT_EQ(answer.label, 7);
  EXPECT_EQ(answer.others[0].label, 0);  // All others are equal: the first ones.
  EXPECT_EQ(answer.others[1].label, 1);
  EXPECT_EQ(answer.others[2].label, -1);
  EXPECT_NEAR(answer.confidence + 9 * answer.others[0].confidence, 1.0, 1e-5);
  EXPECT_EQ(session.latest(), answer);
  for (const int top : {0, 6, -1}) {
    expect_error(ErrorKind::kUsage, "top", [&] { Session refused(fake_model(3, 1us), {.top = top}); });
  }
}

TEST(Session, InAForkedChildStartIsRefusedAndNothingHangs) {
  Session session(fake_model(3, 1us));
  session.start(pixel(1));
  session.wait();
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    int wrong = 1;
    try {
      session.start(pixel(1));
    } catch (const Error& error) {
      wrong = error.kind() == ErrorKind::kUsage ? 0 : 2;
    }
    if (!session.wait().exists() || !session.wait_next(1000).exists()) wrong = 3;
    session.interrupt();
    session.~Session();
    ::_exit(wrong);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  session.start(pixel(1));
  EXPECT_TRUE(session.wait().exists());
}

/// One line of /proc/self/task/<t>/status of the thread with this name.
std::string thread_status(const std::string& name, const std::string& key) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string comm;
    std::getline(std::ifstream(task.path() / "comm"), comm);
    if (comm != name) continue;
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(key + ":")) return line.substr(key.size() + 2);
    }
  }
  return "";
}

TEST(Session, ThreadsHaveNamesAndBlockAllSignals) {
  SessionOptions options;
  options.threads.name = "camera";
  Session session(fake_model(3, 1us), options);
  for (const std::string name : {"camera-run", "camera-timer"}) {
    // All but SIGKILL, SIGSTOP and the two that the C library keeps to itself.
    EXPECT_EQ(thread_status(name, "SigBlk"), "fffffffe7ffbfeff") << name;
  }
  sigset_t mine;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mine);
  EXPECT_EQ(::sigismember(&mine, SIGUSR1), 0) << "the mask of the caller is as before";
}

TEST(Session, ThreadsStayOnTheirProcessors) {
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

TEST(Session, RealTimeSchedulingWorksOrIsRefusedClearly) {
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
  } catch (const Error& error) {  // Without the right to do so.
    EXPECT_EQ(error.kind(), ErrorKind::kIo) << error.what();
  }
  options.threads.priority = 1000;
  EXPECT_THROW(Session(fake_model(3, 1us), options), Error);
}

TEST(Session, MostConfidentShowsAnAnswerOnlyWhenItIsSurer) {
  const auto model = fake_model(std::make_shared<FakeProgram>(5, 1us, 2, std::vector<float>{2, 3, 1, 4, 3.5f}));
  Session session(model, {.publish = Publish::kMostConfident});
  session.start(pixel(0));
  EXPECT_EQ(session.wait().exit, 3);
  ASSERT_EQ(session.answers().size(), 5u);
  for (const int exit : {0, 1, 3}) EXPECT_GT(session.answers()[exit].sequence, 0u);
  for (const int exit : {2, 4}) EXPECT_EQ(session.answers()[exit].sequence, 0u);
  session.start(pixel(0));  // the best of the last run is no yardstick
  session.wait();
  EXPECT_GT(session.answers()[0].sequence, 0u);
  session.start(pixel(0), {.publish = Publish::kLatest});  // for this run only
  EXPECT_EQ(session.wait().exit, 4);
  session.start(pixel(0));
  EXPECT_EQ(session.wait().exit, 3);
}

TEST(Session, PublishesIntoTheGivenSlotAndNumbersOn) {
  const auto slot = SharedSlot::create_anonymous();
  for (std::uint64_t k = 1; k <= 3; ++k) {
    Session session(fake_model(3, 1us), {.slot = slot});
    EXPECT_FALSE(session.latest().exists()) << "another session's answer is not this one's";
    EXPECT_EQ(session.start(pixel(5), {.frame = 9}), k);
    const Answer answer = session.wait();
    EXPECT_EQ(slot->read().run, k);
    EXPECT_EQ(slot->read().exit, 2);
    EXPECT_EQ(slot->read().frame, 9u);
    EXPECT_EQ(slot->read().time, answer.time);
    EXPECT_FALSE(session.lost_slot());
  }
  EXPECT_EQ(slot->read().run, 3u);  // the answer outlives the session
}

TEST(Session, ASlotHasOneSessionAtATime) {
  const auto slot = SharedSlot::create_anonymous();
  Session first(fake_model(3, 1us), {.slot = slot});
  first.start(pixel(1));
  first.wait();
  expect_error(ErrorKind::kIo, "publishes into it", [&] { Session refused(fake_model(3, 1us), {.slot = slot}); });
  Session second(fake_model(3, 1us), {.slot = slot, .take_over = true});
  EXPECT_EQ(slot->read().run, 1u) << "nothing is lost";
  second.start(pixel(2));
  second.wait();
  const Answer of_second = slot->read();
  EXPECT_EQ(of_second.run, 2u);
  first.start(pixel(3));
  EXPECT_EQ(first.wait().label, FakeProgram::label(3, 2)) << "it still answers its own process";
  EXPECT_EQ(slot->read(), of_second);
  EXPECT_TRUE(first.lost_slot());
  EXPECT_FALSE(second.lost_slot());
}

// The process that runs the network is killed at any moment; its parent still has the last answer, whole.
TEST(Session, TheAnswerSurvivesTheDeathOfTheProcess) {
  constexpr int kExits = 200;
  const auto slot = SharedSlot::create_anonymous();
  std::uint64_t run = 0;
  for (int round = 0; round < 5; ++round) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const auto mine = SharedSlot::create("/proc/self/fd/" + std::to_string(slot->descriptor()));
      Session session(fake_model(kExits, 10us, 1), {.slot = mine});
      for (;;) {
        session.start(pixel(4));
        session.wait();
      }
    }
    while (slot->read().run < run + 2 || slot->read().exit < 3 + round) std::this_thread::yield();
    const Answer before = slot->read();
    EXPECT_TRUE(slot->owner().alive);
    EXPECT_EQ(slot->owner().process, child);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const Answer after = slot->read();
    EXPECT_FALSE(slot->owner().alive);
    expect_genuine(after, 4, kExits);
    EXPECT_TRUE(after.exists());
    EXPECT_GE(after.sequence, before.sequence);
    EXPECT_GT(after.run, run);  // numbered on from the process before
    run = after.run;
  }
}

TEST(Session, ADeadlineStopsTheRunAndNothingIsPublishedAfterIt) {
  Session session(fake_model(100, 20us, 5));
  for (const Seconds deadline : {Seconds(1e-3), Seconds(5e-3), Seconds(2e-3)}) {
    session.start(pixel(1), deadline);
    const Answer answer = session.wait();
    EXPECT_EQ(session.state(), RunState::kInterrupted);
    for (const Answer& each : session.answers()) EXPECT_LT(Seconds(each.elapsed), deadline);
    expect_genuine(answer, 1, 100);
  }
}

TEST(Session, ADeadlineOfOneRunDoesNotStopTheNext) {
  Session session(fake_model(3, 20us, 2));
  for (int i = 0; i < 300; ++i) {
    session.start(pixel(1), Seconds(1e-6 * (i % 300)));
    if (i % 2 == 0) session.wait();
    session.start(pixel(2));
    EXPECT_EQ(session.wait().exit, 2);
    ASSERT_EQ(session.state(), RunState::kFinished) << i;
  }
}

TEST(Session, ExtremeDeadlines) {
  Session session(fake_model(3, 1us));
  for (const double deadline : {0.0, -1.0, -std::numeric_limits<double>::infinity()}) {
    session.start(pixel(1), Seconds(deadline));
    EXPECT_FALSE(session.wait().exists());
    EXPECT_EQ(session.state(), RunState::kInterrupted);
  }
  for (const double deadline : {1e3, 1e30, std::numeric_limits<double>::infinity()}) {
    session.start(pixel(1), Seconds(deadline));
    EXPECT_EQ(session.wait().exit, 2);
    EXPECT_EQ(session.state(), RunState::kFinished);
  }
}

// "Grow the resource until success": with a little more time at every step there is an answer or none yet, and in the
// end the last one.
TEST(Session, EveryTimeBudgetGivesAnAnswerOrNone) {
  constexpr int kExits = 12;
  Session session(fake_model(kExits, 5us, 3));
  int steps_with_last_exit = 0;
  for (Seconds budget{0}; steps_with_last_exit < 3; budget += Seconds(10e-6)) {
    session.start(pixel(4), budget);
    const Answer answer = session.wait();
    expect_genuine(answer, 4, kExits);
    if (answer.exists()) {
      ASSERT_FALSE(session.answers().empty());
      EXPECT_EQ(answer.exit, session.answers().back().exit);
      EXPECT_LT(Seconds(answer.elapsed), budget);
    } else {
      EXPECT_TRUE(session.answers().empty());
    }
    steps_with_last_exit += answer.exit == kExits - 1;
    ASSERT_LT(budget.count(), 10.0);
  }
}

TEST(Session, RefusesBadInputAndGoesOn) {
  Session session(fake_model(100, 50us, 10), {.deadlines = false});
  const float bad[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()};
  session.start(pixel(1));
  for (const float value : bad) {
    try {
      session.start(pixel(value));
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kInvalidData);
      EXPECT_STREQ(error.what(), "image: value 0 is not finite");
    }
  }
  try {
    session.start(std::vector<float>(2));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInvalidData);
  }
  EXPECT_THROW(session.start(pixel(1), Seconds(1)), Error);
  EXPECT_THROW(session.start(pixel(1), Seconds(std::numeric_limits<double>::quiet_NaN())), Error);
  EXPECT_EQ(session.state(), RunState::kRunning);
}

TEST(Session, NormalizesThePixels) {
  ModelParts parts;
  parts.program = std::make_shared<FakeProgram>(1, 1us, 1);
  parts.times = {.conv = {1e-6}, .branch = {1e-6}, .planning = {}};
  parts.policy = [] { return fixed_policy(plan::ExitPlan::all(1)); };
  parts.normalization = {.mean = {2.0f}, .stddev = {0.5f}};
  Session session(Model::make(std::move(parts)));
  session.start(pixel(4.5f));  // (4.5 - 2) / 0.5 = 5
  EXPECT_EQ(session.wait().label, 5);
}

TEST(Session, IsDestroyedInTheMiddleOfARun) {
  for (int i = 0; i < 10; ++i) {
    Session session(fake_model(100, 50us, 10));
    session.start(pixel(1), Seconds(0.5));
  }
}

TEST(Session, ReadersAndInterruptersOnOtherThreads) {
  constexpr int kExits = 6;
  Session session(fake_model(kExits, 2us, 2), {.spin = Seconds(20e-6)});
  std::atomic<bool> done{false};
  std::vector<std::thread> others;
  for (int t = 0; t < 2; ++t) {
    others.emplace_back([&, t] {
      std::mt19937 random(t);
      std::uint64_t last = 0;
      while (!done.load(std::memory_order_relaxed)) {
        const Answer answer = session.latest();
        ASSERT_GE(answer.sequence, last);
        last = answer.sequence;
        if (answer.exists()) {
          ASSERT_LT(answer.exit, kExits);
          ASSERT_EQ(answer.label, FakeProgram::label(static_cast<float>(answer.run % 5), answer.exit));
        }
        if (random() % 64 == 0) session.interrupt();
        if (random() % 64 == 0) session.wait();
      }
    });
  }
  for (int run = 1; run <= 1000; ++run) {
    if (run % 4 == 0) {
      session.start(pixel(static_cast<float>(run % 5)), Seconds(15e-6));
    } else {
      session.start(pixel(static_cast<float>(run % 5)));
    }
    if (run % 2 == 0) session.wait();
  }
  done = true;
  for (std::thread& other : others) other.join();
}

TEST(Session, ManySessionsShareOneModel) {
  const auto model = fake_model(4, 2us, 2);
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      Session session(model);
      for (int run = 0; run < 50; ++run) {
        session.start(pixel(static_cast<float>(t)));
        ASSERT_EQ(session.wait().label, FakeProgram::label(static_cast<float>(t), 3));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Model, RefusesPartsThatDisagree) {
  const auto parts = [] {
    ModelParts parts;
    parts.program = std::make_shared<FakeProgram>(2, 1us, 1);
    parts.times = {.conv = {1e-6, 1e-6}, .branch = {1e-6, 1e-6}, .planning = {}};
    parts.policy = [] { return fixed_policy(plan::ExitPlan::all(2)); };
    return parts;
  };
  EXPECT_NO_THROW(Model::make(parts()));
  ModelParts times = parts();
  times.times = {.conv = {1e-6}, .branch = {1e-6}, .planning = {}};
  EXPECT_THROW(Model::make(times), Error);
  ModelParts channels = parts();
  channels.normalization.mean = {0, 0, 0};
  EXPECT_THROW(Model::make(channels), Error);
  ModelParts deviation = parts();
  deviation.normalization.stddev = {0};
  EXPECT_THROW(Model::make(deviation), Error);
  ModelParts nothing = parts();
  nothing.program = nullptr;
  EXPECT_THROW(Model::make(nothing), Error);
}

/// A fake model of five exits, each as confident as the one before, that combines answers by these weights.
std::shared_ptr<const Model> combining_model(predict::CombinationWeights weights) {
  constexpr int kExits = 5;
  ModelParts parts;
  parts.program = std::make_shared<FakeProgram>(kExits, 1us, 1, std::vector<float>(kExits, 2.0f));
  parts.times.conv.assign(kExits, 1e-6);
  parts.times.branch = parts.times.conv;
  parts.policy = [] { return fixed_policy(plan::ExitPlan::all(kExits)); };
  parts.combination = std::make_shared<const predict::CombinationWeights>(std::move(weights));
  return Model::make(std::move(parts));
}

predict::CombinationWeights five(double keep, double add) {
  return {.keep = std::vector<double>(5, keep), .add = std::vector<double>(5, add)};
}

TEST(Session, CombinesAnswers) {
  // Logit 2 for one class each. With keep 1 and add 0.9 all of them have the same score, and the first class found
  // stays: 0.9 * 2 for label 3, later also for 4 to 7, against none for the others.
  auto weights = five(1.0, 0.9);
  weights.add[0] = 1.0;
  Session session(combining_model(weights), {.publish = Publish::kCombined});
  session.start(pixel(3));
  const Answer answer = session.wait();
  EXPECT_EQ(answer.exit, 4);
  EXPECT_EQ(answer.label, 3);
  const double confidence = std::exp(2.0) / (std::exp(2.0) + 4 * std::exp(1.8) + 5);
  EXPECT_NEAR(answer.confidence, confidence, 1e-5);
  ASSERT_EQ(session.answers().size(), 5u);
  for (const Answer& each : session.answers()) {
    EXPECT_EQ(each.label, 3);
    EXPECT_GT(each.sequence, 0u);
  }
  session.start(pixel(5));  // nothing of the run before is left
  EXPECT_EQ(session.wait().label, 5);
  EXPECT_NEAR(session.latest().confidence, confidence, 1e-5);
  session.start(pixel(5), {.publish = Publish::kLatest});
  EXPECT_EQ(session.wait().label, 9);
}

TEST(Session, CombinedWithWeightsZeroAndOneIsTheLatestAnswer) {
  Session session(combining_model(five(0.0, 1.0)), {.publish = Publish::kCombined});
  for (int image = 0; image < 10; ++image) {
    session.start(pixel(static_cast<float>(image)), {.publish = Publish::kLatest});
    session.wait();
    const std::vector<Answer> latest(session.answers().begin(), session.answers().end());
    session.start(pixel(static_cast<float>(image)));
    session.wait();
    ASSERT_EQ(session.answers().size(), latest.size());
    for (std::size_t k = 0; k < latest.size(); ++k) {
      EXPECT_EQ(session.answers()[k].label, latest[k].label);
      EXPECT_NEAR(session.answers()[k].confidence, latest[k].confidence, 1e-6f);
    }
  }
}

TEST(Session, PublishesWhatPaysByDefault) {
  auto weights = five(1.0, 0.9);
  weights.add[0] = 1.0;
  const auto label = [&](double gain) {
    weights.gain = gain;
    Session session(combining_model(weights));
    session.start(pixel(3));
    return session.wait().label;
  };
  EXPECT_EQ(label(0.01), 3) << "combined";
  EXPECT_EQ(label(0.0), 7) << "latest";
}

TEST(Session, CombiningNeedsWeights) {
  expect_error(ErrorKind::kNotFound, "einet profile",
               [] { Session session(fake_model(3, 1us), {.publish = Publish::kCombined}); });
  Session session(fake_model(3, 1us));
  expect_error(ErrorKind::kNotFound, "einet profile",
               [&] { session.start(pixel(0), {.publish = Publish::kCombined}); });
  EXPECT_EQ(session.state(), RunState::kIdle);
  expect_error(ErrorKind::kInvalidData, "5 exits", [] { combining_model({.keep = {0.0}, .add = {1.0}}); });
}

/// Records what a policy sees.
class Witness final : public Policy {
 public:
  explicit Witness(std::vector<int>& labels) : labels_(labels) {}
  const plan::ExitPlan& begin(double) noexcept override {
    labels_.clear();
    return all_;
  }
  const plan::ExitPlan& after(const BranchOutput& output) noexcept override {
    labels_.push_back(output.label);
    return all_;
  }

 private:
  std::vector<int>& labels_;
  plan::ExitPlan all_ = plan::ExitPlan::all(5);
};

TEST(Session, PoliciesSeeTheExitsOwnAnswers) {
  std::vector<int> labels;
  labels.reserve(8);
  auto weights = five(1.0, 0.9);
  weights.add[0] = 1.0;
  Session session(combining_model(weights),
                  {.publish = Publish::kCombined, .policy = [&] { return std::make_unique<Witness>(labels); }});
  session.start(pixel(3));
  EXPECT_EQ(session.wait().label, 3);
  EXPECT_EQ(labels, (std::vector<int>{3, 4, 5, 6}));
}

}  // namespace
}  // namespace einet
