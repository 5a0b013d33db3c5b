// The answer of a run that has none of its own.

#include <gtest/gtest.h>

#include "einet/session.h"
#include "expect_error.h"
#include "runtime/fake_program.h"
#include "runtime/fake_run.h"
#include "runtime/model_parts.h"

namespace einet {
namespace {

using namespace std::chrono_literals;
using testing::expect_genuine;
using testing::fake_model;
using testing::pixel;

/// Options with this kind of initial answer.
SessionOptions initial(Initial which) {
  SessionOptions options;
  options.initial = which;
  return options;
}

TEST(InitialAnswer, IsNoneByDefault) {
  Session session(fake_model(3, 1us));
  session.start(pixel(3));
  ASSERT_TRUE(session.wait().exists());
  session.start(pixel(5), Seconds(0));
  EXPECT_EQ(session.wait(), Answer{});
}

TEST(InitialAnswer, IsThePreviousOneUntilTheRunAnswers) {
  Session session(fake_model(3, 1us), initial(Initial::kPrevious));
  const std::uint64_t first = session.start(pixel(3), Seconds(0));
  EXPECT_EQ(session.wait(), Answer{}) << "there is no previous answer";
  const std::uint64_t answered = session.start(pixel(3), {.frame = 7});
  const Answer genuine = session.wait();
  ASSERT_TRUE(genuine.exists());
  EXPECT_FALSE(genuine.is_initial());
  EXPECT_EQ(session.latest(first), Answer{}) << "a later run has answered";

  for (int i = 0; i < 2; ++i) {  // The second time, the previous run had no answer either.
    const std::uint64_t run = session.start(pixel(5), Seconds(0));
    const Answer before = session.wait();
    EXPECT_FALSE(before.exists());
    EXPECT_TRUE(before.is_initial());
    Answer expected = genuine;
    expected.exit = -1;
    EXPECT_EQ(before, expected);
    EXPECT_EQ(session.latest(run), expected);
    EXPECT_EQ(session.latest(), genuine) << "an initial answer is not published";
    EXPECT_TRUE(session.answers().empty());
    EXPECT_EQ(session.latest(answered), genuine);
    EXPECT_EQ(session.latest(run + 1), Answer{}) << "this run has not been started";
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

}  // namespace
}  // namespace einet
