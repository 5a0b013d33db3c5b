// Networks too large for brute force: the two exact algorithms against each other, and both up to kMaxExits.

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "einet/planner.h"

namespace einet::plan {
namespace {

struct Network {
  BlockTimes times;
  std::vector<double> scores;
};

Network random_network(int exits, bool rising, std::mt19937_64& random) {
  std::uniform_real_distribution<double> unit(0.0, 1.0);
  Network network;
  for (int i = 0; i < exits; ++i) {
    network.times.conv.push_back(0.5 + unit(random));
    network.times.branch.push_back(0.1 + 0.7 * unit(random));
    network.times.planning.push_back(0.05 * unit(random));
    const double score = 0.9 - 0.6 * std::exp(-4.0 * (i + 1) / exits) + 0.1 * (unit(random) - 0.5);
    network.scores.push_back(rising ? score : unit(random));
  }
  return network;
}

/// A histogram of one bin is the uniform distribution, but is planned by labels.
TEST(LargeNetwork, LinesAndLabelsAgree) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 60; ++round) {
    const Network network = random_network(20 + 4 * round, round % 2 == 0, random);
    const double horizon = network.times.total() * (0.3 + 0.02 * round);
    const auto lines = make_planner("exact", network.times, uniform_distribution(horizon));
    const auto labels = make_planner("exact", network.times, histogram_distribution(std::vector<double>{1.0}, horizon));
    for (const int exit : {-1, 3, 11}) {
      const Start start{exit, exit < 0 ? 0.0 : 2.0 * (exit + 1), exit < 0 ? 0.0 : 0.4};
      const Planned by_lines = lines->plan(network.scores, start);
      const Planned by_labels = labels->plan(network.scores, start);
      EXPECT_NEAR(by_lines.expectation, by_labels.expectation, 1e-12) << network.times.exits();
      EXPECT_EQ(by_labels.gap(), 0.0);
    }
  }
}

TEST(LargeNetwork, EveryDistributionUpToTheLargestNetwork) {
  std::mt19937_64 random(12);
  for (const int exits : {200, kMaxExits}) {
    const Network network = random_network(exits, true, random);
    const double horizon = network.times.total();
    for (const char* text : {"uniform", "gaussian:0.5,0.5", "exponential:0.4T", "deadline:0.6T"}) {
      const auto cut_off = parse_distribution(text, horizon);
      const Planned exact = make_planner("exact", network.times, cut_off)->plan(network.scores);
      EXPECT_NEAR(exact.expectation, expectation(network.times, *cut_off, network.scores, exact.plan), 1e-12) << text;
      EXPECT_EQ(exact.gap(), 0.0) << text << " " << exits;
      for (const char* other : {"static-25", "static-100", "hybrid-1"}) {
        if (exits == kMaxExits && std::string(other) == "hybrid-1") continue;
        EXPECT_LE(make_planner(other, network.times, cut_off)->plan(network.scores).expectation,
                  exact.expectation + 1e-12)
            << text << " " << other;
      }
    }
  }
}

/// If labels run out, the certificate is still valid, and close to the optimum.
TEST(LargeNetwork, TheCertificateIsClose) {
  std::mt19937_64 random(13);
  const Network network = random_network(120, true, random);
  std::vector<double> weights;
  for (int i = 0; i < 40; ++i) weights.push_back(std::uniform_real_distribution<double>(0.0, 1.0)(random));
  const auto cut_off = histogram_distribution(weights, network.times.total());
  const Planned proven = make_planner("exact", network.times, cut_off)->plan(network.scores);
  ASSERT_EQ(proven.gap(), 0.0);
  const Planned hurried = make_planner("exact-20", network.times, cut_off)->plan(network.scores);
  EXPECT_GT(hurried.gap(), 0.0);
  EXPECT_LT(hurried.gap(), 0.05);
  EXPECT_LE(hurried.expectation, proven.expectation + 1e-12);
  EXPECT_GE(hurried.upper_bound, proven.expectation - 1e-12);
}

}  // namespace
}  // namespace einet::plan
