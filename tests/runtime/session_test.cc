#include "einet/session.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>
#include <vector>

#include "einet/error.h"
#include "expect_error.h"
#include "runtime/fake_program.h"
#include "runtime/fake_run.h"
#include "runtime/model_parts.h"

namespace einet {
namespace {

using namespace std::chrono_literals;
using testing::expect_genuine;
using testing::fake_model;
using testing::FakeProgram;
using testing::pixel;

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
      ASSERT_GE(answers.size(), seen) << "answers are never removed";
      for (; seen < answers.size(); ++seen) {
        expect_genuine(answers[seen], 3, kExits);
        EXPECT_EQ(answers[seen].exit, static_cast<int>(seen));
        EXPECT_EQ(answers[seen].run, static_cast<std::uint64_t>(run) + 1);
      }
    }
    EXPECT_EQ(seen, static_cast<std::size_t>(kExits)) << "no answer is lost";
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
  EXPECT_EQ(session.trace().size(), 4u + 2u);  // Not blocks 5 and 6.
}

TEST(Session, AnEmptyPlanRunsNothing) {
  Session session(fake_model(3, 1us, 1, [] { return fixed_policy(plan::ExitPlan(3)); }));
  session.start(pixel(0));
  EXPECT_FALSE(session.wait().exists());
  EXPECT_EQ(session.state(), RunState::kFinished);
  EXPECT_TRUE(session.trace().empty());
}

TEST(Session, FollowsTheThresholdPolicy) {
  // Confidence of exit i: e^(1+i/10) / (e^(1+i/10) + 9), above 0.27 from exit 2 on.
  Session session(fake_model(8, 1us, 1, [] { return threshold_policy(8, 0.268f); }));
  session.start(pixel(0));
  EXPECT_EQ(session.wait().exit, 2);
}

TEST(Session, WaitsForTheNextAnswer) {
  constexpr int kExits = 50;
  Session session(fake_model(kExits, 100us, 1));
  EXPECT_FALSE(session.wait_next(0).exists()) << "does not wait without a run";
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

TEST(Session, ScoresThatAreNaNGiveNoAnswer) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  Session session(fake_model(std::make_shared<FakeProgram>(3, 1us, 1, std::vector<float>{2, kNan, kNan})));
  session.start(pixel(4));
  const Answer answer = session.wait();
  EXPECT_EQ(answer.exit, 0);
  expect_genuine(answer, 4, 3);
  EXPECT_EQ(session.state(), RunState::kFinished);
  EXPECT_EQ(session.answers().size(), 1u);
  EXPECT_EQ(session.trace().size(), 6u);

  Session without_answer(fake_model(std::make_shared<FakeProgram>(2, 1us, 1, std::vector<float>{kNan, kNan})));
  without_answer.start(pixel(4));
  EXPECT_FALSE(without_answer.wait().exists());
  EXPECT_EQ(without_answer.state(), RunState::kFailed);
  EXPECT_NE(without_answer.failure().find("NaN"), std::string_view::npos);
}

TEST(Session, AFailingPrimitiveFailsTheRun) {
  auto program = std::make_shared<FakeProgram>(5, 1us, 1);
  program->fail_at(3);
  Session session(fake_model(program));
  session.start(pixel(4));
  const Answer answer = session.wait();
  EXPECT_EQ(session.state(), RunState::kFailed);
  EXPECT_FALSE(session.failure().empty());
  EXPECT_EQ(answer.exit, 2) << "earlier answers stay";
  expect_genuine(answer, 4, 5);
}

TEST(Session, ReportsSeveralClasses) {
  Session session(fake_model(3, 1us), {.top = 3});
  session.start(pixel(5));
  const Answer answer = session.wait();
  EXPECT_EQ(answer.label, 7);
  EXPECT_EQ(answer.others[0].label, 0);  // All others are equal: the lowest labels.
  EXPECT_EQ(answer.others[1].label, 1);
  EXPECT_EQ(answer.others[2].label, -1);
  EXPECT_NEAR(answer.confidence + 9 * answer.others[0].confidence, 1.0, 1e-5);
  EXPECT_EQ(session.latest(), answer);
  for (const int top : {0, 6, -1}) {
    expect_error(ErrorKind::kUsage, "top", [&] { Session refused(fake_model(3, 1us), {.top = top}); });
  }
}

TEST(Session, MostConfidentPublishesOnlyMoreConfidentAnswers) {
  const auto model = fake_model(std::make_shared<FakeProgram>(5, 1us, 2, std::vector<float>{2, 3, 1, 4, 3.5f}));
  Session session(model, {.publish = Publish::kMostConfident});
  session.start(pixel(0));
  EXPECT_EQ(session.wait().exit, 3);
  ASSERT_EQ(session.answers().size(), 5u);
  for (const int exit : {0, 1, 3}) EXPECT_GT(session.answers()[exit].sequence, 0u);
  for (const int exit : {2, 4}) EXPECT_EQ(session.answers()[exit].sequence, 0u);
  session.start(pixel(0));  // The best answer of the previous run is not considered.
  session.wait();
  EXPECT_GT(session.answers()[0].sequence, 0u);
  session.start(pixel(0), {.publish = Publish::kLatest});  // For this run only.
  EXPECT_EQ(session.wait().exit, 4);
  session.start(pixel(0));
  EXPECT_EQ(session.wait().exit, 3);
}

TEST(Session, RejectsInvalidInputWithoutDisturbingTheRun) {
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

TEST(Session, KeepsTheProbabilitiesOfEveryAnswer) {
  Session session(fake_model(4, 1us), {.probabilities = true});
  for (const float start : {3.0f, 5.0f}) {
    session.start(pixel(start));
    session.wait();
    ASSERT_EQ(session.answers().size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) {
      const Answer& answer = session.answers()[i];
      const std::span<const float> probabilities = session.probabilities(i);
      ASSERT_EQ(probabilities.size(), 10u);
      float sum = 0.0f;
      for (int label = 0; label < 10; ++label) {
        sum += probabilities[label];
        if (label == answer.label) {
          EXPECT_FLOAT_EQ(probabilities[label], answer.confidence);
        } else {
          EXPECT_LT(probabilities[label], answer.confidence);
        }
      }
      EXPECT_NEAR(sum, 1.0f, 1e-5f);
    }
  }
  Session without(fake_model(1, 1us));
  without.start(pixel(1));
  without.wait();
  EXPECT_TRUE(without.probabilities(0).empty());
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

}  // namespace
}  // namespace einet
