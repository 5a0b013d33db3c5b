// Sessions that publish into a shared slot.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "einet/session.h"
#include "expect_error.h"
#include "runtime/fake_program.h"
#include "runtime/fake_run.h"

namespace einet {
namespace {

using namespace std::chrono_literals;
using testing::expect_genuine;
using testing::fake_model;
using testing::FakeProgram;
using testing::pixel;

TEST(SessionSlot, PublishesIntoTheGivenSlotAndContinuesItsNumbers) {
  const auto slot = SharedSlot::create_anonymous();
  for (std::uint64_t k = 1; k <= 3; ++k) {
    Session session(fake_model(3, 1us), {.slot = slot});
    EXPECT_FALSE(session.latest().exists()) << "the answer of another session is not returned";
    EXPECT_EQ(session.start(pixel(5), {.frame = 9}), k);
    const Answer answer = session.wait();
    EXPECT_EQ(slot->read().run, k);
    EXPECT_EQ(slot->read().exit, 2);
    EXPECT_EQ(slot->read().frame, 9u);
    EXPECT_EQ(slot->read().time, answer.time);
    EXPECT_FALSE(session.lost_slot());
  }
  EXPECT_EQ(slot->read().run, 3u);  // The answer outlives the session.
}

TEST(SessionSlot, ASlotHasOneSessionAtATime) {
  const auto slot = SharedSlot::create_anonymous();
  Session first(fake_model(3, 1us), {.slot = slot});
  first.start(pixel(1));
  first.wait();
  expect_error(ErrorKind::kIo, "publishes into it", [&] { Session refused(fake_model(3, 1us), {.slot = slot}); });
  Session second(fake_model(3, 1us), {.slot = slot, .take_over = true});
  EXPECT_EQ(slot->read().run, 1u) << "the answer is not lost";
  second.start(pixel(2));
  second.wait();
  const Answer by_second = slot->read();
  EXPECT_EQ(by_second.run, 2u);
  first.start(pixel(3));
  EXPECT_EQ(first.wait().label, FakeProgram::label(3, 2)) << "it still answers within its own process";
  EXPECT_EQ(slot->read(), by_second);
  EXPECT_TRUE(first.lost_slot());
  EXPECT_FALSE(second.lost_slot());
}

// The process that runs the network is killed at various moments; its parent still has the last complete answer.
TEST(SessionSlot, TheAnswerSurvivesTheDeathOfTheProcess) {
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
    EXPECT_GT(after.run, run);  // The numbers continue from the previous process.
    run = after.run;
  }
}

}  // namespace
}  // namespace einet
