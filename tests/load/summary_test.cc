#include "load/summary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace einet::load {
namespace {

using namespace std::chrono_literals;

TEST(Summary, ByHand) {
  const auto answer = [](int exit, int label, bool interrupted, Seconds latency) {
    return Outcome{.exit = exit, .label = label, .interrupted = interrupted, .latency = latency};
  };
  const std::vector<Outcome> outcomes{answer(2, 5, false, 1ms), answer(0, 5, true, 3ms), answer(0, 4, true, 5ms),
                                      Outcome{.refusal = "504", .latency = 9ms},
                                      Outcome{.refusal = "504", .latency = 9ms}};
  const std::vector<int> labels{5, 5, 5, 5, 5};
  const Summary summary = summarize(outcomes, labels, 2ms);
  EXPECT_EQ(summary.requests, 5);
  EXPECT_DOUBLE_EQ(summary.answered_share(), 0.6);
  EXPECT_DOUBLE_EQ(summary.right_share(), 0.4);
  EXPECT_EQ(summary.refusals, (std::map<std::string, int>{{"504", 2}}));
  EXPECT_EQ(summary.exits, (std::vector<int>{2, 0, 1}));
  EXPECT_EQ(summary.latency.samples, 3);
  EXPECT_DOUBLE_EQ(summary.latency.p50, 3e-3);
  EXPECT_DOUBLE_EQ(summary.latency.p999, 5e-3);
  EXPECT_EQ(summary.lateness.samples, 2);
  EXPECT_DOUBLE_EQ(summary.lateness.p50, 1e-3);
  EXPECT_DOUBLE_EQ(summary.lateness.p99, 3e-3);
  EXPECT_EQ(summary.sent.samples, 5);
  EXPECT_EQ(summarize(outcomes, labels, std::nullopt).lateness.samples, 0);
}

TEST(Summary, OfNothing) {
  const Summary summary = summarize({}, {}, 2ms);
  EXPECT_EQ(summary.answered_share(), 0.0);
  EXPECT_EQ(summary.latency.samples, 0);
}

}  // namespace
}  // namespace einet::load
