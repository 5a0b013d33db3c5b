#include "serve/engine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <limits>
#include <numeric>
#include <thread>

#include "core/processors.h"
#include "expect_error.h"
#include "runtime/fake_program.h"
#include "serve/expect_refusal.h"

namespace einet::serve {
namespace {

using namespace std::chrono_literals;
using einet::testing::fake_model;
using einet::testing::FakeProgram;
using testing::expect_refusal;

EngineOptions one_processor() { return {.processors = {processors_to_pin().front()}}; }

InferRequest pixel(float value, std::optional<std::chrono::microseconds> timeout = std::nullopt) {
  InferRequest request;
  request.image = {value};
  request.timeout = timeout;
  return request;
}

/// The value of a metric without labels, or with these.
double metric(Engine& engine, const std::string& name) {
  const std::string text = engine.metrics_text();
  const std::size_t at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1.0 : std::stod(text.substr(at + name.size() + 2));
}

TEST(Engine, AnswersWithTheLastExitIfThereIsTime) {
  Engine engine({{"net", fake_model(4, 1us)}}, one_processor());
  const ServedModel& model = engine.model("net");
  EXPECT_EQ(model.classes, FakeProgram::kClasses);
  Cancellation cancellation;
  const Reply reply = engine.infer(model, pixel(3), Clock::now(), cancellation);
  EXPECT_EQ(reply.answer.exit, 3);
  EXPECT_EQ(reply.answer.label, FakeProgram::label(3, 3));
  EXPECT_FALSE(reply.interrupted);
  EXPECT_GT(reply.answer.elapsed.count(), 0);
  ASSERT_EQ(reply.probabilities.size(), 10u);
  EXPECT_NEAR(std::accumulate(reply.probabilities.begin(), reply.probabilities.end(), 0.0f), 1.0f, 1e-5f);
  EXPECT_FLOAT_EQ(reply.probabilities[static_cast<std::size_t>(reply.answer.label)], reply.answer.confidence);
  EXPECT_EQ(metric(engine, R"(einet_answers_total{exit="4",model="net"})"), 1);
  EXPECT_EQ(metric(engine, R"(einet_latency_seconds_count{model="net"})"), 1);
  EXPECT_EQ(metric(engine, "einet_sessions_busy"), 0);
}

TEST(Engine, AnswersAtTheCutOff) {
  // A hundred exits, two milliseconds each.
  Engine engine({{"net", fake_model(100, 500us)}}, one_processor());
  Cancellation cancellation;
  const Clock::time_point arrival = Clock::now();
  const Reply reply = engine.infer(engine.model("net"), pixel(0, 50ms), arrival, cancellation);
  EXPECT_TRUE(reply.interrupted);
  EXPECT_GE(reply.answer.exit, 0);
  EXPECT_LT(reply.answer.exit, 25);
  EXPECT_EQ(reply.answer.label, FakeProgram::label(0, reply.answer.exit));
  EXPECT_LT(reply.answer.elapsed, 50ms);
  EXPECT_EQ(metric(engine, R"(einet_lateness_seconds_count{model="net"})"), 1);
}

TEST(Engine, TimeoutsCountFromTheArrival) {
  Engine engine({{"net", fake_model(2, 10us)}}, one_processor());
  Cancellation cancellation;
  expect_refusal(Refusal::kTooShort, "planned first answer",
                 [&] { engine.infer(engine.model("net"), pixel(0, 1s), Clock::now() - 1s, cancellation); });
}

TEST(Engine, RejectsTimeoutsShorterThanTheFirstAnswer) {
  Engine engine({{"net", fake_model(2, 500us)}}, one_processor());  // The first answer takes two milliseconds.
  EXPECT_NEAR(engine.model("net").first_answer.count(), 2e-3, 1e-9);
  Cancellation cancellation;
  expect_refusal(Refusal::kTooShort, "the timeout of 1000 us leaves less than the 2000 us",
                 [&] { engine.infer(engine.model("net"), pixel(0, 1000us), Clock::now(), cancellation); });
  EXPECT_EQ(metric(engine, R"(einet_rejected_total{model="net",reason="timeout_too_short"})"), 1);
}

TEST(Engine, ReportsRunsWithoutAnAnswer) {
  // Takes longer than its times state.
  const auto slow = std::make_shared<FakeProgram>(2, 20ms, 2);
  ModelParts parts;
  parts.times = {.conv = {1e-6, 1e-6}, .branch = {1e-6, 1e-6}, .planning = {}};
  parts.program = slow;
  parts.policy = [] { return fixed_policy(plan::ExitPlan::all(2)); };
  Engine engine({{"net", Model::make(std::move(parts))}}, one_processor());
  Cancellation cancellation;
  expect_refusal(Refusal::kNoAnswer, "cut off before its first answer",
                 [&] { engine.infer(engine.model("net"), pixel(0, 5ms), Clock::now(), cancellation); });
  EXPECT_EQ(metric(engine, R"(einet_no_answer_total{model="net"})"), 1);
}

TEST(Engine, ReportsFailedRuns) {
  const auto program = std::make_shared<FakeProgram>(2, 1us, 2);
  program->fail_at(0);
  Engine engine({{"net", fake_model(program)}}, one_processor());
  Cancellation cancellation;
  expect_refusal(Refusal::kFailed, "reported an error",
                 [&] { engine.infer(engine.model("net"), pixel(0), Clock::now(), cancellation); });
}

TEST(Engine, RejectsInvalidImages) {
  Engine engine({{"net", fake_model(2, 1us)}}, one_processor());
  Cancellation cancellation;
  const auto infer = [&](float value) { engine.infer(engine.model("net"), pixel(value), Clock::now(), cancellation); };
  expect_refusal(Refusal::kInvalid, "not finite", [&] { infer(std::numeric_limits<float>::quiet_NaN()); });
  EXPECT_NO_THROW(infer(1.0f)) << "the session is free again";
}

TEST(Engine, StreamsEveryAnswer) {
  constexpr int kExits = 20;
  Engine engine({{"net", fake_model(kExits, 50us)}}, one_processor());
  for (int k = 0; k < 3; ++k) {
    std::vector<int> exits;
    Cancellation cancellation;
    const Reply last = engine.infer(engine.model("net"), pixel(1), Clock::now(), cancellation, [&](const Reply& reply) {
      exits.push_back(reply.answer.exit);
      EXPECT_EQ(reply.answer.label, FakeProgram::label(1, reply.answer.exit));
      EXPECT_EQ(reply.probabilities.size(), 10u);
    });
    std::vector<int> all(kExits);
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(exits, all);
    EXPECT_EQ(last.answer.exit, kExits - 1);
  }
}

TEST(Engine, CancellingInterruptsTheRun) {
  Engine engine({{"net", fake_model(100, 2500us)}}, one_processor());  // A second.
  Cancellation cancellation;
  auto running = std::async(std::launch::async, [&] {
    expect_refusal(Refusal::kCancelled, "cancelled",
                   [&] { engine.infer(engine.model("net"), pixel(0), Clock::now(), cancellation); });
  });
  while (metric(engine, "einet_sessions_busy") < 1) std::this_thread::sleep_for(1ms);
  cancellation.cancel();
  running.get();
  EXPECT_EQ(metric(engine, R"(einet_rejected_total{model="net",reason="cancelled"})"), 1);
}

TEST(Engine, DrainingAnswersWhatIsInProgress) {
  Engine engine({{"net", fake_model(50, 500us)}}, one_processor());
  std::vector<std::future<Reply>> replies;
  for (int k = 0; k < 4; ++k) {
    replies.push_back(std::async(std::launch::async, [&] {
      Cancellation cancellation;
      return engine.infer(engine.model("net"), pixel(0), Clock::now(), cancellation);
    }));
  }
  while (metric(engine, "einet_queue_length") < 3) std::this_thread::sleep_for(1ms);
  engine.close();
  EXPECT_FALSE(engine.ready());
  Cancellation cancellation;
  expect_refusal(Refusal::kDraining, "shutting down",
                 [&] { engine.infer(engine.model("net"), pixel(0), Clock::now(), cancellation); });
  engine.wait_until_idle();
  for (auto& reply : replies) EXPECT_EQ(reply.get().answer.exit, 49);
}

TEST(Engine, ManyThreadsGetTheirOwnAnswers) {
  EngineOptions options{.processors = processors_to_pin(), .queue = 64};
  Engine engine({{"a", fake_model(3, 2us)}, {"b", fake_model(5, 2us)}}, options);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&engine, t] {
      const ServedModel& model = engine.model(t % 2 == 0 ? "a" : "b");
      const int last = model.model->exits() - 1;
      for (int k = 0; k < 100; ++k) {
        Cancellation cancellation;
        const float value = static_cast<float>((t + k) % 10);
        const Reply reply = engine.infer(model, pixel(value), Clock::now(), cancellation);
        ASSERT_EQ(reply.answer.exit, last);
        ASSERT_EQ(reply.answer.label, FakeProgram::label(value, last));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Engine, FindsModelsByNameAndVersion) {
  Engine engine({{"a", fake_model(1, 1us)}, {"b", fake_model(2, 1us)}}, one_processor());
  EXPECT_EQ(&engine.model("b"), &engine.models()[1]);
  EXPECT_EQ(&engine.model("b", "1"), &engine.models()[1]);
  expect_refusal(Refusal::kNotFound, "no model", [&] { engine.model("c"); });
  expect_refusal(Refusal::kNotFound, "version '2'", [&] { engine.model("a", "2"); });
}

TEST(Engine, RejectsInvalidSetUps) {
  const auto model = fake_model(1, 1us);
  EXPECT_THROW(Engine({}, one_processor()), Error);
  EXPECT_THROW(Engine({{"a", model}}, {}), Error);
  try {
    Engine({{"a", model}, {"a", model}}, one_processor());
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "model 'a': is named twice; names are those of the bundles");
  }
}

}  // namespace
}  // namespace einet::serve
