// Runs with a deadline.

#include <gtest/gtest.h>

#include <limits>

#include "einet/session.h"
#include "runtime/fake_program.h"
#include "runtime/fake_run.h"

namespace einet {
namespace {

using namespace std::chrono_literals;
using testing::expect_genuine;
using testing::fake_model;
using testing::pixel;

TEST(RunDeadline, StopsTheRunAndNothingIsPublishedAfterIt) {
  Session session(fake_model(100, 20us, 5));
  for (const Seconds deadline : {Seconds(1e-3), Seconds(5e-3), Seconds(2e-3)}) {
    session.start(pixel(1), deadline);
    const Answer answer = session.wait();
    EXPECT_EQ(session.state(), RunState::kInterrupted);
    for (const Answer& each : session.answers()) EXPECT_LT(Seconds(each.elapsed), deadline);
    expect_genuine(answer, 1, 100);
  }
}

TEST(RunDeadline, DoesNotStopTheNextRun) {
  Session session(fake_model(3, 20us, 2));
  for (int i = 0; i < 300; ++i) {
    session.start(pixel(1), Seconds(1e-6 * (i % 300)));
    if (i % 2 == 0) session.wait();
    session.start(pixel(2));
    EXPECT_EQ(session.wait().exit, 2);
    ASSERT_EQ(session.state(), RunState::kFinished) << i;
  }
}

TEST(RunDeadline, MayBeExtreme) {
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

// With a slightly larger time budget at every step, each run has an answer or none yet, and finally that of the last
// exit.
TEST(RunDeadline, EveryTimeBudgetGivesAnAnswerOrNone) {
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

}  // namespace
}  // namespace einet
