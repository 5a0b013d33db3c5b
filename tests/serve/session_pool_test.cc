#include "serve/session_pool.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "core/processors.h"
#include "runtime/fake_program.h"
#include "serve/expect_refusal.h"

namespace einet::serve {
namespace {

using namespace std::chrono_literals;
using testing::expect_refusal;

SessionPool one_group(std::size_t capacity) {
  return SessionPool({einet::testing::fake_model(2, 1us)}, {processors_to_pin().front()}, capacity, {});
}

void wait_for_waiting(const SessionPool& pool, std::size_t count) {
  while (pool.waiting() != count) std::this_thread::sleep_for(1ms);
}

TEST(SessionPool, LendsEachGroupOnce) {
  const int processor = processors_to_pin().front();
  const auto model = einet::testing::fake_model(2, 1us);
  SessionPool pool({model, model}, {processor, processor}, 0, {});
  Cancellation cancellation;
  {
    const auto first = pool.acquire(std::nullopt, cancellation);
    const auto second = pool.acquire(std::nullopt, cancellation);
    EXPECT_EQ(pool.busy(), 2u);
    EXPECT_NE(&first.session(0), &second.session(0));
    EXPECT_NE(&first.session(0), &first.session(1));
    expect_refusal(Refusal::kQueueFull, "queue is full", [&] { pool.acquire(std::nullopt, cancellation); });
  }
  EXPECT_EQ(pool.busy(), 0u);
}

TEST(SessionPool, ServesWaitingRequestsInOrder) {
  SessionPool pool = one_group(2);
  Cancellation cancellation;
  std::optional<SessionPool::Lease> lease(pool.acquire(std::nullopt, cancellation));
  std::mutex mutex;
  std::vector<int> order;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] {
      Cancellation own;
      const auto lent = pool.acquire(std::nullopt, own);
      const std::lock_guard lock(mutex);
      order.push_back(i);
    });
    wait_for_waiting(pool, static_cast<std::size_t>(i) + 1);
  }
  expect_refusal(Refusal::kQueueFull, "2 requests", [&] { pool.acquire(std::nullopt, cancellation); });
  lease.reset();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(order, (std::vector<int>{0, 1}));
  EXPECT_EQ(pool.busy(), 0u);
}

TEST(SessionPool, StopsWaitingWhenItIsTooLate) {
  SessionPool pool = one_group(1);
  Cancellation cancellation;
  const auto lease = pool.acquire(std::nullopt, cancellation);
  Cancellation late;
  expect_refusal(Refusal::kTooShort, "too late", [&] { pool.acquire(Clock::now() + 2ms, late); });
  EXPECT_EQ(pool.waiting(), 0u);
}

TEST(SessionPool, StopsWaitingWhenCancelled) {
  SessionPool pool = one_group(1);
  Cancellation cancellation;
  const auto lease = pool.acquire(std::nullopt, cancellation);
  Cancellation cancelled;
  auto waiting = std::async(std::launch::async, [&] {
    expect_refusal(Refusal::kCancelled, "cancelled", [&] { pool.acquire(std::nullopt, cancelled); });
  });
  wait_for_waiting(pool, 1);
  cancelled.cancel();
  waiting.get();
  EXPECT_EQ(pool.waiting(), 0u);
  Cancellation before;
  before.cancel();
  expect_refusal(Refusal::kCancelled, "cancelled", [&] { pool.acquire(std::nullopt, before); });
}

TEST(SessionPool, ClosingServesWhatIsWaiting) {
  SessionPool pool = one_group(1);
  Cancellation cancellation;
  std::optional<SessionPool::Lease> lease(pool.acquire(std::nullopt, cancellation));
  auto waiting = std::async(std::launch::async, [&] {
    Cancellation own;
    pool.acquire(std::nullopt, own);
  });
  wait_for_waiting(pool, 1);
  pool.close();
  EXPECT_TRUE(pool.closed());
  Cancellation late;
  expect_refusal(Refusal::kDraining, "shutting down", [&] { pool.acquire(std::nullopt, late); });
  lease.reset();
  pool.wait_until_idle();
  waiting.get();
  EXPECT_EQ(pool.busy(), 0u);
}

}  // namespace
}  // namespace einet::serve
