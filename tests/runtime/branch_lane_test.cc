// Sessions whose branches run on a second thread.

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <random>
#include <thread>
#include <vector>

#include "einet/error.h"
#include "einet/session.h"
#include "exec/program.h"
#include "expect_error.h"
#include "runtime/fake_program.h"
#include "runtime/fake_run.h"
#include "runtime/model_parts.h"
#include "runtime/thread_status.h"
#include "zoo/zoo.h"

namespace einet {
namespace {

using namespace std::chrono_literals;
using testing::expect_genuine;
using testing::fake_model;
using testing::FakeProgram;
using testing::pixel;
using testing::thread_status;

SessionOptions two_lanes() {
  SessionOptions options;
  options.branch_lane = true;
  return options;
}

TEST(BranchLane, RunsToTheEnd) {
  Session session(fake_model(5, 1us), two_lanes());
  EXPECT_EQ(session.state(), RunState::kIdle);
  EXPECT_FALSE(session.latest().exists()) << "warming up publishes nothing";
  for (int run = 1; run <= 50; ++run) {
    session.start(pixel(3));
    const Answer answer = session.wait();
    EXPECT_EQ(session.state(), RunState::kFinished);
    EXPECT_EQ(answer.exit, 4);
    EXPECT_EQ(answer.run, static_cast<std::uint64_t>(run));
    ASSERT_EQ(session.answers().size(), 5u);
    for (int i = 0; i < 5; ++i) {
      expect_genuine(session.answers()[i], 3, 5);
      EXPECT_EQ(session.answers()[i].exit, i) << "in the order of the exits";
    }
  }
}

TEST(BranchLane, TheTraceIsSortedAndBlocksOfOneLaneDoNotOverlap) {
  Session session(fake_model(20, 10us), two_lanes());
  session.start(pixel(1));
  session.wait();
  ASSERT_EQ(session.trace().size(), 40u);
  std::chrono::nanoseconds begin{0}, lane_end[2] = {};
  std::vector<std::chrono::nanoseconds> conv_end(20);
  for (const TraceEvent& event : session.trace()) {
    EXPECT_GE(event.begin, begin);
    begin = event.begin;
    auto& end = lane_end[event.kind == plan::BlockKind::kConvPart ? 0 : 1];
    EXPECT_GE(event.begin, end);
    end = event.end;
    if (event.kind == plan::BlockKind::kConvPart) conv_end[event.exit] = event.end;
    if (event.kind == plan::BlockKind::kBranch) {
      EXPECT_GE(event.begin, conv_end[event.exit]);
    }
  }
}

TEST(BranchLane, StopsAfterTheLastPlannedExit) {
  plan::ExitPlan plan(6);
  plan.insert(1);
  plan.insert(3);
  Session session(fake_model(6, 1us, 1, [plan] { return fixed_policy(plan); }), two_lanes());
  session.start(pixel(0));
  EXPECT_EQ(session.wait().exit, 3);
  EXPECT_EQ(session.state(), RunState::kFinished);
  EXPECT_EQ(session.answers().size(), 2u);
  EXPECT_EQ(session.trace().size(), 4u + 2u);  // Not blocks 5 and 6.
}

TEST(BranchLane, AnEmptyPlanRunsNothing) {
  Session session(fake_model(3, 1us, 1, [] { return fixed_policy(plan::ExitPlan(3)); }), two_lanes());
  session.start(pixel(0));
  EXPECT_FALSE(session.wait().exists());
  EXPECT_EQ(session.state(), RunState::kFinished);
  EXPECT_TRUE(session.trace().empty());
}

/// Plans one exit at a time, the next after each answer: the trunk waits for every answer.
class OneByOne final : public Policy {
 public:
  explicit OneByOne(int exits) : exits_(exits) {}
  const plan::ExitPlan& begin(double) noexcept override { return only(0); }
  const plan::ExitPlan& after(const BranchOutput& output) noexcept override {
    EXPECT_EQ(output.ahead.exit, output.exit) << "the trunk waits";
    EXPECT_TRUE(output.ahead.pending.empty());
    EXPECT_GE(output.ahead.elapsed, output.elapsed);
    return only(output.exit + 1);
  }

 private:
  const plan::ExitPlan& only(int exit) {
    plan_ = plan::ExitPlan(exits_);
    if (exit < exits_) plan_.insert(exit);
    return plan_;
  }
  const int exits_;
  plan::ExitPlan plan_;
};

TEST(BranchLane, TheTrunkWaitsForAPlanWithALaterExit) {
  constexpr int kExits = 30;
  // Warming up calls after() with an unrelated position of the trunk.
  std::atomic<bool> checks{false};
  class Checked final : public Policy {
   public:
    explicit Checked(const std::atomic<bool>& checks) : checks_(checks) {}
    const plan::ExitPlan& begin(double deadline) noexcept override { return inner_.begin(deadline); }
    const plan::ExitPlan& after(const BranchOutput& output) noexcept override {
      return checks_ ? inner_.after(output) : all_;
    }

   private:
    const std::atomic<bool>& checks_;
    OneByOne inner_{kExits};
    plan::ExitPlan all_ = plan::ExitPlan::all(kExits);
  };
  Session session(fake_model(kExits, 1us, 1, [&] { return std::make_unique<Checked>(checks); }), two_lanes());
  checks = true;
  for (int run = 0; run < 20; ++run) {
    session.start(pixel(0));
    EXPECT_EQ(session.wait().exit, kExits - 1);
    EXPECT_EQ(session.state(), RunState::kFinished);
    ASSERT_EQ(session.answers().size(), static_cast<std::size_t>(kExits));
  }
}

TEST(BranchLane, FollowsTheThresholdPolicy) {
  // Confidence of exit i: e^(1+i/10) / (e^(1+i/10) + 9), above 0.27 from exit 2 on. When exit 2 answers, the trunk may
  // have handed over later branches.
  Session session(fake_model(8, 1us, 1, [] { return threshold_policy(8, 0.268f); }), two_lanes());
  session.start(pixel(0));
  EXPECT_GE(session.wait().exit, 2);
  EXPECT_EQ(session.state(), RunState::kFinished);
}

TEST(BranchLane, WaitNextReturnsAnswersInOrder) {
  constexpr int kExits = 50;
  Session session(fake_model(kExits, 50us, 1), two_lanes());
  for (int k = 0; k < 3; ++k) {
    std::uint64_t seen = session.latest().sequence;
    const std::uint64_t run = session.start(pixel(2));
    int exit = -1;
    for (Answer answer = session.wait_next(seen); answer.sequence > seen; answer = session.wait_next(seen)) {
      EXPECT_EQ(answer.run, run);
      EXPECT_GT(answer.exit, exit) << "a later exit is never replaced by an earlier one";
      expect_genuine(answer, 2, kExits);
      exit = answer.exit;
      seen = answer.sequence;
    }
    EXPECT_EQ(exit, kExits - 1);
  }
}

/// Cut off at random moments by interrupt(), a deadline or the next start(): both lanes stop, nothing is published
/// afterwards, and the next run is not affected.
TEST(BranchLane, CutOffsStopBothLanes) {
  constexpr int kExits = 40;
  Session session(fake_model(kExits, 5us), two_lanes());
  std::mt19937 random(1);
  int interrupted = 0;
  for (int k = 0; k < 1000; ++k) {
    const float image = static_cast<float>(k % 7);
    const std::chrono::microseconds moment(random() % 600);
    switch (k % 3) {
      case 0: {
        const std::uint64_t run = session.start(pixel(image));
        const auto until = Clock::now() + moment;
        while (Clock::now() < until) {
        }
        session.interrupt(run);
        const Answer answer = session.latest(run);
        session.wait();
        EXPECT_EQ(session.latest(run).sequence, answer.sequence) << "nothing is published after an interrupt";
        expect_genuine(answer, image, kExits);
        break;
      }
      case 1:
        session.start(pixel(image), {.deadline = Seconds(moment)});
        session.wait();
        for (const Answer& answer : session.answers()) EXPECT_LT(answer.elapsed, moment);
        break;
      case 2: {
        session.start(pixel(image + 1));
        const std::uint64_t run = session.start(pixel(image));
        const Answer answer = session.wait();
        EXPECT_EQ(answer.run, run);
        EXPECT_EQ(answer.exit, kExits - 1);
        expect_genuine(answer, image, kExits);
        break;
      }
    }
    interrupted += session.state() == RunState::kInterrupted;
  }
  EXPECT_GT(interrupted, 50);
}

TEST(BranchLane, AFailingBranchFailsTheRun) {
  auto program = std::make_shared<FakeProgram>(6, 1us, 1);
  program->fail_at(2);
  Session session(fake_model(program), two_lanes());
  for (int k = 0; k < 20; ++k) {
    session.start(pixel(1));
    EXPECT_EQ(session.wait().exit, 1);
    EXPECT_EQ(session.state(), RunState::kFailed);
    EXPECT_EQ(session.failure(), "a primitive reported an error");
  }
}

TEST(BranchLane, ScoresThatAreNaNGiveNoAnswer) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  Session session(fake_model(std::make_shared<FakeProgram>(3, 1us, 1, std::vector<float>{2, kNan, kNan})), two_lanes());
  session.start(pixel(1));
  EXPECT_EQ(session.wait().exit, 0);
  EXPECT_EQ(session.state(), RunState::kFinished);
  Session none(fake_model(std::make_shared<FakeProgram>(2, 1us, 1, std::vector<float>{kNan, kNan})), two_lanes());
  none.start(pixel(1));
  EXPECT_FALSE(none.wait().exists());
  EXPECT_EQ(none.state(), RunState::kFailed);
}

TEST(BranchLane, TheThreadHasAName_BlocksSignalsAndStaysOnItsProcessor) {
  cpu_set_t allowed;
  ASSERT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
  std::vector<int> processors;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) processors.push_back(cpu);
  }
  SessionOptions options = two_lanes();
  options.threads.name = "camera";
  options.threads.processors = {processors.front()};
  {
    Session session(fake_model(3, 1us), options);
    EXPECT_EQ(thread_status("camera-branch", "SigBlk"), "fffffffe7ffbfeff");
    EXPECT_EQ(thread_status("camera-branch", "Cpus_allowed_list"), std::to_string(processors.front()));
    session.start(pixel(1));  // Both lanes on one processor.
    EXPECT_EQ(session.wait().exit, 2);
  }
  options.threads.branch_processors = {processors.back()};
  {
    Session session(fake_model(3, 1us), options);
    EXPECT_EQ(thread_status("camera-run", "Cpus_allowed_list"), std::to_string(processors.front()));
    EXPECT_EQ(thread_status("camera-branch", "Cpus_allowed_list"), std::to_string(processors.back()));
  }
  EXPECT_EQ(thread_status("camera-branch", "SigBlk"), "") << "the thread has ended";
  options.threads.branch_processors = {-1};
  expect_error(ErrorKind::kUsage, "processor", [&] { Session refused(fake_model(3, 1us), options); });
  options.threads.branch_processors = {};
  options.threads.processors = {-1};  // The branch lane's thread is refused first, then nothing is left running.
  expect_error(ErrorKind::kUsage, "processor", [&] { Session refused(fake_model(3, 1us), options); });
  // The last thread is refused after the others have started.
  options.threads.processors = {};
  options.threads.scheduling = Scheduling::kFifo;
  options.threads.branch_priority = 1;
  options.threads.priority = 1000;
  EXPECT_THROW(Session(fake_model(3, 1us), options), Error);
  Session without(fake_model(3, 1us));
  EXPECT_EQ(thread_status("einet-branch", "SigBlk"), "") << "off by default";
}

TEST(BranchLane, InAForkedChildStartFailsAndNothingHangs) {
  Session session(fake_model(3, 1us), two_lanes());
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
    if (!session.wait().exists()) failed = 3;
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

std::shared_ptr<const Model> network_model(const graph::Graph& graph, bool branch_lane) {
  ModelParts parts;
  parts.program = exec::compile(graph, {.branch_lane = branch_lane});
  const int exits = parts.program->exits();
  parts.times.conv.assign(exits, 1e-4);
  parts.times.branch = parts.times.conv;
  parts.policy = [exits] { return fixed_policy(plan::ExitPlan::all(exits)); };
  return Model::make(std::move(parts));
}

TEST(BranchLane, NeedsAModelThatWasPreparedForIt) {
  expect_error(ErrorKind::kUsage, "branch lane",
               [] { Session refused(network_model(zoo::build("b-alexnet", {}), false), two_lanes()); });
}

/// The real executor; the thread sanitizer runs this test as well.
TEST(BranchLane, GivesTheAnswersOfOneLane) {
  for (const char* name : {"b-alexnet", "msdnet21-small"}) {
    SCOPED_TRACE(name);
    const graph::Graph graph = zoo::build(name, {});
    const auto model = network_model(graph, true);
    SessionOptions options;
    options.probabilities = true;
    options.top = 3;
    Session one(model, options);
    options.branch_lane = true;
    Session two(model, options);
    std::mt19937 random(1);
    std::uniform_real_distribution<float> uniform;
    std::vector<float> image(model->input_size());
    for (int run = 0; run < 20; ++run) {
      for (float& value : image) value = uniform(random);
      one.start(image);
      one.wait();
      if (run % 4 == 3) {  // A run that is cut off leaves nothing behind.
        two.start(image);
        two.interrupt();
      }
      two.start(image);
      two.wait();
      EXPECT_EQ(two.state(), RunState::kFinished);
      ASSERT_EQ(two.answers().size(), one.answers().size());
      for (std::size_t i = 0; i < one.answers().size(); ++i) {
        EXPECT_EQ(two.answers()[i].label, one.answers()[i].label);
        EXPECT_EQ(two.answers()[i].confidence, one.answers()[i].confidence) << "bit for bit";
        EXPECT_TRUE(std::ranges::equal(two.probabilities(i), one.probabilities(i)));
      }
    }
  }
}

}  // namespace
}  // namespace einet
