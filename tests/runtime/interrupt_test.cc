// Interrupts, by a call or by the next run, and what is published after them.

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "einet/error.h"
#include "einet/session.h"
#include "runtime/fake_program.h"
#include "runtime/fake_run.h"

namespace einet {
namespace {

using namespace std::chrono_literals;
using testing::expect_genuine;
using testing::fake_model;
using testing::FakeProgram;
using testing::pixel;

TEST(Interrupt, StopsAtTheNextPrimitive) {
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

TEST(Interrupt, WithoutARunDoesNotStopTheNextOne) {
  Session session(fake_model(3, 1us));
  session.interrupt();
  EXPECT_EQ(session.state(), RunState::kIdle);
  session.start(pixel(1));
  session.wait();
  EXPECT_EQ(session.state(), RunState::kFinished);
  session.interrupt();
  EXPECT_EQ(session.state(), RunState::kFinished);
}

TEST(Interrupt, StartingARunInterruptsThePreviousOne) {
  Session session(fake_model(100, 50us, 10));
  session.start(pixel(1));
  while (!session.latest().exists()) std::this_thread::yield();
  session.start(pixel(2));
  EXPECT_EQ(session.state(), RunState::kRunning);
  Answer answer = session.latest(2);
  while (!answer.exists()) answer = session.latest(2);
  expect_genuine(answer, 2, 100);
}

TEST(Interrupt, ThePreviousAnswerStaysUntilThereIsANewOne) {
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

TEST(Interrupt, NothingIsPublishedAfterwards) {
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

TEST(Interrupt, IsNotLostBeforeTheRun) {
  Session session(fake_model(3, 20us));
  session.interrupt(2);
  session.start(pixel(1));
  EXPECT_FALSE(session.wait().exists());
  EXPECT_EQ(session.state(), RunState::kInterrupted);
  session.start(pixel(1));
  EXPECT_FALSE(session.wait().exists());
  const std::uint64_t run = session.start(pixel(1));
  EXPECT_EQ(run, 3u);
  session.interrupt(run - 1);  // Too late: no effect.
  EXPECT_TRUE(session.wait().exists());
  EXPECT_EQ(session.state(), RunState::kFinished);
}

// Interrupts from another thread, at varying times around a call of start(): none may be lost.
TEST(Interrupt, IsNotLostDuringStart) {
  constexpr int kExits = 400;
  Session session(fake_model(kExits, 20us, 50));  // Much longer than the other thread may have to wait for a processor.
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

TEST(Interrupt, AFailedStartConsumesANumberAndAnInterruptForItStopsTheRunInProgress) {
  Session session(fake_model(1000, 50us, 10));
  EXPECT_EQ(session.start(pixel(1)), 1u);
  EXPECT_THROW(session.start(std::vector<float>(2)), Error);
  EXPECT_EQ(session.state(), RunState::kRunning);
  session.interrupt();
  session.wait();
  EXPECT_EQ(session.state(), RunState::kInterrupted);
  EXPECT_EQ(session.start(pixel(1)), 3u);
}

TEST(Interrupt, ReadersAndInterruptersOnOtherThreads) {
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

TEST(Interrupt, ASessionCanBeDestroyedDuringARun) {
  for (int i = 0; i < 10; ++i) {
    Session session(fake_model(100, 50us, 10));
    session.start(pixel(1), Seconds(0.5));
  }
}

}  // namespace
}  // namespace einet
