// The clients of the load, against a server with a network that computes nothing.

#include <gtest/gtest.h>

#include "core/processors.h"
#include "expect_error.h"
#include "load/benchmark.h"
#include "load/grpc_load.h"
#include "load/rest_load.h"
#include "policy/random_profile.h"
#include "runtime/fake_program.h"
#include "serve/server.h"

namespace einet::load {
namespace {

using namespace std::chrono_literals;
using einet::testing::fake_model;
using einet::testing::FakeProgram;

class Load : public ::testing::Test {
 protected:
  static constexpr int kExits = 3;

  Target target(Protocol protocol) const {
    return {.port = protocol == Protocol::kRest ? *server_.http_port() : *server_.grpc_port(),
            .model = "net",
            .shape = {1, 1, 1, 1}};
  }
  std::vector<Outcome> run(Protocol protocol, std::span<const Planned> requests) const {
    return protocol == Protocol::kRest ? run_rest(target(protocol), requests) : run_grpc(target(protocol), requests);
  }

  std::shared_ptr<const Model> model_ = fake_model(kExits, 10us);
  serve::Engine engine_{{{"net", model_}}, {.processors = {processors_to_pin().front()}, .queue = 1000}};
  serve::Server server_{engine_, serve::HttpOptions{.address = "127.0.0.1", .port = 0},
                        serve::GrpcOptions{.address = "127.0.0.1", .port = 0}};
};

TEST_F(Load, EveryRequestGetsItsOwnAnswer) {
  std::vector<float> pixels;
  for (int i = 0; i < 300; ++i) pixels.push_back(static_cast<float>(i % 2));
  std::vector<Planned> requests;
  // Faster than they can be answered, so that many are in progress at a time.
  for (int i = 0; i < 300; ++i) {
    requests.push_back({.due = Seconds(1e-5 * i), .pixels = std::span(pixels).subspan(static_cast<std::size_t>(i), 1)});
  }
  for (const Protocol protocol : {Protocol::kRest, Protocol::kGrpc}) {
    const auto outcomes = run(protocol, requests);
    ASSERT_EQ(outcomes.size(), requests.size());
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      EXPECT_EQ(outcomes[i].refusal, "") << name(protocol) << ' ' << i;
      EXPECT_EQ(outcomes[i].exit, kExits - 1);
      EXPECT_EQ(outcomes[i].label, FakeProgram::label(pixels[i], kExits - 1));
      EXPECT_FALSE(outcomes[i].interrupted);
      EXPECT_GE(outcomes[i].sent, Seconds(0));
      EXPECT_GT(outcomes[i].latency, outcomes[i].sent);
    }
  }
  EXPECT_TRUE(run(Protocol::kRest, {}).empty());
  EXPECT_TRUE(run(Protocol::kGrpc, {}).empty());
}

TEST_F(Load, RefusalsAreNamed) {
  const std::vector<float> good{0.5f}, bad{2.0f};
  const std::vector<Planned> requests{{.pixels = good, .timeout = 1us}, {.pixels = bad}};
  const auto rest = run(Protocol::kRest, requests), grpc = run(Protocol::kGrpc, requests);
  EXPECT_EQ(rest[0].refusal, "504");
  EXPECT_EQ(rest[1].refusal, "400");
  EXPECT_EQ(grpc[0].refusal, "DEADLINE_EXCEEDED");
  EXPECT_EQ(grpc[1].refusal, "INVALID_ARGUMENT");
  EXPECT_FALSE(rest[0].answered());
}

TEST_F(Load, NobodyListens) {
  const std::vector<float> pixel{0.5f};
  const std::vector<Planned> requests{{.pixels = pixel}};
  Target nobody = target(Protocol::kRest);
  nobody.port = 1;
  expect_error(ErrorKind::kIo, "127.0.0.1:1", [&] { run_rest(nobody, requests); });
  nobody.host = "nowhere";
  expect_error(ErrorKind::kUsage, "nowhere", [&] { run_rest(nobody, requests); });
}

TEST_F(Load, TheBenchmarkComparesWithTheSimulation) {
  profile::CsProfile profile = einet::testing::random_profile(kExits, 10, 1);
  // The last exit of the fake network is right for every sample.
  for (int sample = 0; sample < profile.samples(); ++sample) {
    profile.labels[static_cast<std::size_t>(sample)] = FakeProgram::label(1.0f, kExits - 1);
  }
  const Images images = [](int, std::span<float> pixels) { pixels[0] = 1.0f; };
  const BenchmarkOptions options{
      .timeouts = {1us, std::nullopt}, .rate = 1000, .duration = Seconds(0.1), .rounds = 2, .seed = 1};
  const auto rows = benchmark({{.name = "elastic", .served = "net", .model = model_, .profile = profile}},
                              {.rest = *server_.http_port(), .grpc = *server_.grpc_port()}, images, options);
  ASSERT_EQ(rows.size(), 4u);
  for (const Row& row : rows) {
    EXPECT_EQ(row.summary.requests, 100);
    const bool ample = !row.timeout;
    EXPECT_EQ(row.summary.answered_share(), ample ? 1.0 : 0.0);
    EXPECT_EQ(row.summary.right_share(), ample ? 1.0 : 0.0);
    ASSERT_TRUE(row.prediction.has_value());
    EXPECT_EQ(row.prediction->answered, ample ? 1.0 : 0.0);
  }
  EXPECT_EQ(rows[0].protocol, Protocol::kRest);
  EXPECT_EQ(rows[1].protocol, Protocol::kGrpc);
}

}  // namespace
}  // namespace einet::load
