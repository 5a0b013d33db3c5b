#include "serve/grpc/stream_writer.h"

#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

namespace einet::serve {
namespace {

using namespace std::chrono_literals;
using inference::ModelStreamInferResponse;

ModelStreamInferResponse named(const std::string& name) {
  ModelStreamInferResponse response;
  response.set_error_message(name);
  return response;
}

TEST(StreamWriter, SendsInOrder) {
  std::vector<std::string> sent;
  StreamWriter writer([&](const auto& response) {
    sent.push_back(response.error_message());
    return true;
  });
  std::vector<std::string> expected;
  for (int i = 0; i < 100; ++i) {
    expected.push_back(std::to_string(i));
    writer.add(named(expected.back()));
    if (i % 10 == 0) {
      ASSERT_TRUE(writer.flush(60s));
    }
  }
  ASSERT_TRUE(writer.flush(60s));
  EXPECT_EQ(sent, expected);
}

TEST(StreamWriter, DoesNotWaitForAClientThatDoesNotRead) {
  std::promise<void> reads;
  const std::shared_future<void> reading = reads.get_future().share();
  int sent = 0;
  StreamWriter writer([&](const auto&) {
    reading.wait();
    ++sent;
    return true;
  });
  for (int i = 0; i < 10; ++i) writer.add(named("x"));  // Would never return otherwise.
  EXPECT_FALSE(writer.flush(1ms));
  reads.set_value();
  EXPECT_TRUE(writer.flush(60s));
  EXPECT_EQ(sent, 10);
}

TEST(StreamWriter, AStreamThatHasEnded) {
  int calls = 0;
  StreamWriter writer([&](const auto&) {
    ++calls;
    return false;
  });
  writer.add(named("x"));
  writer.add(named("y"));
  EXPECT_FALSE(writer.flush(60s));
  writer.add(named("z"));
  EXPECT_FALSE(writer.flush(60s));
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace einet::serve
