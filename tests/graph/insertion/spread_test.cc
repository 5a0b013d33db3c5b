#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "expect_error.h"
#include "graph/insertion.h"

namespace einet::graph {
namespace {

/// Places at these thousandths of a network, with equal costs unless given.
std::vector<Position> places_at(const std::vector<int>& before, const std::vector<double>& costs = {}) {
  std::vector<Position> places;
  for (const int share : before) places.push_back({share / 1000.0, costs.empty() ? 1.0 : costs[places.size()]});
  return places;
}

using Indices = std::vector<int>;

TEST(Spread, ByHand) {
  EXPECT_EQ(spread(places_at({100, 300, 500, 700, 900}), 1), Indices{2});
  EXPECT_EQ(spread(places_at({100, 200, 300, 340, 900}), 2), (Indices{3, 4}));
  EXPECT_EQ(spread(places_at({10, 20, 30}), 3), (Indices{0, 1, 2}));
  EXPECT_TRUE(spread(places_at({10}), 0).empty());
  expect_error(ErrorKind::kUsage, "5 exits: the network has places for at most 4", [] {
    spread(places_at({1, 2, 3}), 4);
  });
}

TEST(Spread, ChoosesTheCheapestNearby) {
  // The target is 500; a place may be farther away than the nearest by at most 50.
  EXPECT_EQ(spread(places_at({430, 460, 490, 540, 555}, {0, 3, 9, 2, 1}), 1), Indices{4});
  EXPECT_EQ(spread(places_at({430, 460, 490, 540, 575}, {0, 3, 9, 2, 1}), 1), Indices{3});
  EXPECT_EQ(spread(places_at({460, 490, 510}, {5, 5, 5}), 1), Indices{1});
  // Places of equal shares: the pooling after a convolution.
  EXPECT_EQ(spread(places_at({300, 300, 600, 600}, {4, 1, 4, 1}), 2), (Indices{1, 3}));
}

TEST(Spread, IsTheBestSubsetExceptForCheaperPlacesNearby) {
  std::mt19937 random(3);
  for (int round = 0; round < 600; ++round) {
    std::vector<int> before;
    for (int i = 1 + static_cast<int>(random() % 9); i > 0; --i) before.push_back(static_cast<int>(random() % 1000));
    std::ranges::sort(before);
    const int size = static_cast<int>(before.size());
    const int count = 1 + static_cast<int>(random() % size);
    const auto miss = [&](int place, int k) { return std::abs(before[place] / 1000.0 - (k + 1.0) / (count + 1)); };
    const auto badness = [&](const Indices& chosen) {
      double sum = 0;
      for (int k = 0; k < count; ++k) sum += std::pow(miss(chosen[k], k), 2);
      return sum;
    };
    double least = std::numeric_limits<double>::infinity();
    for (int subset = 0; subset < 1 << size; ++subset) {
      Indices chosen;
      for (int i = 0; i < size; ++i) {
        if ((subset >> i & 1) != 0) chosen.push_back(i);
      }
      if (static_cast<int>(chosen.size()) == count) least = std::min(least, badness(chosen));
    }
    const Indices best = spread(places_at(before), count);
    EXPECT_NEAR(badness(best), least, 1e-12);

    std::vector<double> costs;
    for (int i = 0; i < size; ++i) costs.push_back(static_cast<double>(random() % 4));
    const Indices cheap = spread(places_at(before, costs), count);
    ASSERT_EQ(cheap.size(), best.size());
    for (int k = 0; k < count; ++k) {
      EXPECT_TRUE(k == 0 || cheap[k] > cheap[k - 1]);
      EXPECT_LE(costs[cheap[k]], costs[best[k]]);
      EXPECT_LE(miss(cheap[k], k), miss(best[k], k) + 0.1 / (count + 1) + 1e-12);
    }
  }
}

}  // namespace
}  // namespace einet::graph
