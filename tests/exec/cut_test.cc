#include "exec/forms/cut.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace einet::exec {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

double cost_of(const std::vector<bool>& yes, const std::vector<Decision>& decisions,
               const std::vector<Border>& borders) {
  double cost = 0.0;
  for (std::size_t i = 0; i < decisions.size(); ++i) cost += yes[i] ? decisions[i].yes : decisions[i].no;
  for (const Border& border : borders) cost += yes[border.a] != yes[border.b] ? border.cost : 0.0;
  return cost;
}

// The example of cut.cc: all yes costs 3, only b no costs 4, all no costs 6.
TEST(Cut, KeepsAChainTogetherIfBordersCostMore) {
  const std::vector<Decision> decisions = {{2, 0}, {2, 3}, {2, 0}};
  EXPECT_EQ(cheapest_decisions(decisions, {{0, 1, 1}, {1, 2, 1}}), (std::vector<bool>{true, true, true}));
  EXPECT_EQ(cheapest_decisions(decisions, {{0, 1, 0.25}, {1, 2, 0.25}}), (std::vector<bool>{true, false, true}));
}

TEST(Cut, NeverChoosesTheImpossible) {
  const std::vector<Decision> decisions = {{kInfinite, 100}, {0, kInfinite}, {5, 1}};
  EXPECT_EQ(cheapest_decisions(decisions, {{0, 1, 1000}, {1, 2, 1000}}), (std::vector<bool>{true, false, false}));
}

TEST(Cut, AcceptsNoDecisions) { EXPECT_TRUE(cheapest_decisions({}, {}).empty()); }

// Compared with all 2^n possibilities, on random graphs.
TEST(Cut, IsTheCheapest) {
  std::mt19937 random(1);
  std::uniform_real_distribution<double> cost(0.0, 1.0);
  for (int instance = 0; instance < 300; ++instance) {
    const std::size_t n = 1 + random() % 10;
    std::vector<Decision> decisions;
    for (std::size_t i = 0; i < n; ++i) {
      Decision d{cost(random), cost(random)};
      if (random() % 6 == 0) (random() % 2 == 0 ? d.no : d.yes) = kInfinite;
      decisions.push_back(d);
    }
    std::vector<Border> borders;
    for (std::size_t k = random() % (2 * n); k > 0; --k) {
      const Border border{random() % n, random() % n, cost(random)};
      if (border.a != border.b) borders.push_back(border);
    }
    double least = kInfinite;
    for (std::size_t bits = 0; bits < std::size_t{1} << n; ++bits) {
      std::vector<bool> yes;
      for (std::size_t i = 0; i < n; ++i) yes.push_back((bits >> i & 1) != 0);
      least = std::min(least, cost_of(yes, decisions, borders));
    }
    EXPECT_NEAR(cost_of(cheapest_decisions(decisions, borders), decisions, borders), least, 1e-9) << instance;
  }
}

}  // namespace
}  // namespace einet::exec
