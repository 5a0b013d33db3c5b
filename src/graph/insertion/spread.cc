// Evenly spread exits: a shortest path over (places, exits chosen), where cost[i][k] is the least sum of squared
// distances with place i as the k-th chosen. Each chosen place may then be exchanged for a cheaper one nearby, for
// example for the pooling after a convolution, where a branch on the smaller map costs less.

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "einet/error.h"
#include "graph/insertion.h"

namespace einet::graph {
namespace {

constexpr double kNear = 0.1;  ///< Of the distance between two targets.

}  // namespace

std::vector<int> spread(const std::vector<Position>& places, int count) {
  const int size = static_cast<int>(places.size());
  if (count > size) {
    throw Error(ErrorKind::kUsage, std::to_string(count + 1) + " exits",
                "the network has places for at most " + std::to_string(size + 1) + ", including its own");
  }
  if (count <= 0) return {};
  const auto miss = [&](int place, int k) { return std::abs(places[place].share - (k + 1.0) / (count + 1)); };
  constexpr double kNever = std::numeric_limits<double>::infinity();
  std::vector<std::vector<double>> cost(count, std::vector<double>(size, kNever));
  std::vector<std::vector<int>> previous(count, std::vector<int>(size, -1));
  for (int k = 0; k < count; ++k) {
    for (int i = k; i < size; ++i) {
      const double here = miss(i, k) * miss(i, k);
      if (k == 0) cost[k][i] = here;
      for (int j = k - 1; k > 0 && j < i; ++j) {
        const double whole = cost[k - 1][j] + here;
        if (whole >= cost[k][i]) continue;
        cost[k][i] = whole;
        previous[k][i] = j;
      }
    }
  }
  std::vector<int> chosen(count);
  int at = static_cast<int>(std::ranges::min_element(cost.back()) - cost.back().begin());
  for (int k = count; k-- > 0; at = previous[k][at]) chosen[k] = at;
  for (int k = 0; k < count; ++k) {
    const int begin = k == 0 ? 0 : chosen[k - 1] + 1, end = k + 1 == count ? size : chosen[k + 1];
    const double most = miss(chosen[k], k) + kNear / (count + 1);
    for (int i = begin; i < end; ++i) {
      if (places[i].cost < places[chosen[k]].cost && miss(i, k) <= most) chosen[k] = i;
    }
  }
  return chosen;
}

}  // namespace einet::graph
