#include "runtime/deadline_timer.h"

#include <gtest/gtest.h>

#include <thread>

namespace einet {
namespace {

using namespace std::chrono_literals;

struct Interrupted {
  AnswerSlot slot;
  RunControl control{slot};

  bool run(std::uint64_t number) const { return control.signal(number).raised(); }
  void wait_for(std::uint64_t number) const {
    while (!run(number)) std::this_thread::yield();
  }
};

TEST(DeadlineTimer, DoesNotInterruptBeforeTheDeadline) {
  Interrupted interrupted;
  DeadlineTimer timer(interrupted.control);
  std::uint64_t run = 0;
  for (const auto delay : {0us, 100us, 3000us}) {
    ++run;
    const auto when = Clock::now() + delay;
    timer.arm(when, run);
    interrupted.wait_for(run);
    EXPECT_GE(Clock::now(), when);
    EXPECT_FALSE(interrupted.run(run + 1));
  }
}

TEST(DeadlineTimer, ATimeInThePastFiresAtOnce) {
  Interrupted interrupted;
  DeadlineTimer timer(interrupted.control);
  timer.arm(Clock::now() - 1h, 1);
  interrupted.wait_for(1);
  timer.arm(Clock::time_point{}, 2);
  interrupted.wait_for(2);
}

TEST(DeadlineTimer, ADisarmedTimerNeverFires) {
  Interrupted interrupted;
  DeadlineTimer timer(interrupted.control);
  timer.arm(Clock::now() + 5ms, 1);
  timer.disarm();
  std::this_thread::sleep_for(15ms);
  EXPECT_FALSE(interrupted.run(1));
  timer.disarm();  // A second call has no effect.
}

// If the timer is re-armed close to the deadline, that of the old run must not stop the new one.
TEST(DeadlineTimer, NeverInterruptsALaterRun) {
  Interrupted interrupted;
  DeadlineTimer timer(interrupted.control);
  int fired = 0;
  for (std::uint64_t round = 0; round < 3000; ++round) {
    const std::uint64_t run = 2 * round + 1;
    timer.arm(Clock::now() + std::chrono::nanoseconds(round % 300 * 100), run);
    for (const auto until = Clock::now() + 15us; Clock::now() < until;) {
    }
    timer.arm(Clock::now() + 1h, run + 1);
    for (const auto until = Clock::now() + 5us; Clock::now() < until;) {
    }
    ASSERT_FALSE(interrupted.run(run + 1)) << "round " << round;
    fired += interrupted.run(run);
  }
  EXPECT_GT(fired, 0);
}

TEST(DeadlineTimer, IsDestroyedWhileArmed) {
  Interrupted interrupted;
  for (int i = 0; i < 50; ++i) {
    DeadlineTimer timer(interrupted.control);
    if (i % 2 == 0) timer.arm(Clock::now() + 1h, 1);
  }
  EXPECT_FALSE(interrupted.run(1));
}

}  // namespace
}  // namespace einet
