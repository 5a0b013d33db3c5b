#include "runtime/deadline_timer.h"

#include <gtest/gtest.h>

#include <thread>

namespace einet {
namespace {

using namespace std::chrono_literals;

void wait_for(const std::atomic<bool>& flag) {
  while (!flag.load()) std::this_thread::yield();
}

TEST(DeadlineTimer, SetsTheFlagNotBeforeTheMoment) {
  std::atomic<bool> flag{false};
  DeadlineTimer timer(flag);
  for (const auto delay : {0us, 100us, 3000us}) {
    flag = false;
    const auto when = Clock::now() + delay;
    timer.arm(when);
    wait_for(flag);
    EXPECT_GE(Clock::now(), when);
    timer.disarm();
  }
}

TEST(DeadlineTimer, AMomentInThePastFiresAtOnce) {
  std::atomic<bool> flag{false};
  DeadlineTimer timer(flag);
  timer.arm(Clock::now() - 1h);
  wait_for(flag);
  timer.disarm();
  flag = false;
  timer.arm(Clock::time_point{});
  wait_for(flag);
}

TEST(DeadlineTimer, ADisarmedTimerNeverFires) {
  std::atomic<bool> flag{false};
  DeadlineTimer timer(flag);
  timer.arm(Clock::now() + 2ms);
  timer.disarm();
  std::this_thread::sleep_for(10ms);
  EXPECT_FALSE(flag);
  timer.disarm();  // twice does no harm
}

// Disarmed about the moment of the deadline, the old timer must not stop what comes next.
TEST(DeadlineTimer, AfterDisarmTheFlagIsLeftAlone) {
  std::atomic<bool> flag{false};
  DeadlineTimer timer(flag);
  int fired = 0;
  for (int i = 0; i < 3000; ++i) {
    timer.arm(Clock::now() + std::chrono::nanoseconds(i % 300 * 100));
    for (const auto until = Clock::now() + 15us; Clock::now() < until;) {
    }
    timer.disarm();
    fired += flag;
    flag = false;
    timer.arm(Clock::now() + 1h);  // what comes next
    for (const auto until = Clock::now() + 5us; Clock::now() < until;) {
    }
    ASSERT_FALSE(flag) << "round " << i;
    timer.disarm();
  }
  EXPECT_GT(fired, 0);
}

TEST(DeadlineTimer, IsDestroyedWhileArmed) {
  std::atomic<bool> flag{false};
  for (int i = 0; i < 50; ++i) {
    DeadlineTimer timer(flag);
    if (i % 2 == 0) timer.arm(Clock::now() + 1h);
  }
  EXPECT_FALSE(flag);
}

}  // namespace
}  // namespace einet
