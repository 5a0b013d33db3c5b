// Isotonic regression by pooling adjacent violators (PAVA).
//
// Samples are sorted by score, and each starts as its own pool with level 0 or 1. Whenever a pool's level is not above
// that of its left neighbour, the two are merged and get the weighted mean as level. The merged pool may then violate
// the order with respect to its left neighbour, so merging continues. Each merge removes a pool: O(N) after sorting.
// The result is the unique non-decreasing function with the least squared error (Ayer et al. 1955; Barlow et al. 1972)
// and, for 0/1 data, also the maximum-likelihood one.
//
//     right by score:   0  1  0  1  1      pools:  0 | 1/2 1/2 | 1 1
//
// The steps become a curve by placing one knot at each pool's mean score and joining the knots by lines ("centred"
// isotonic regression, Oron and Flournoy 2017): same monotonicity, less bias inside wide pools, and no jumps, at which
// a tiny difference in score would change a plan. Adjacent pools are then merged, the cheapest pair first (smallest
// increase of the squared error, Ward's criterion), until at most max_knots remain; merging neighbours keeps the order.

#include "predict/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "einet/error.h"

namespace einet::predict {
namespace {

IsotonicLevel merged(const IsotonicLevel& a, const IsotonicLevel& b) {
  const double weight = a.weight + b.weight;
  return {weight, (a.weight * a.score + b.weight * b.score) / weight,
          (a.weight * a.probability + b.weight * b.probability) / weight};
}

/// Increase of the squared error when two pools share one level.
double merging_cost(const IsotonicLevel& a, const IsotonicLevel& b) {
  const double difference = b.probability - a.probability;
  return a.weight * b.weight / (a.weight + b.weight) * difference * difference;
}

void thin(std::vector<IsotonicLevel>& pools, int max_knots) {
  while (static_cast<int>(pools.size()) > std::max(max_knots, 1)) {
    std::size_t cheapest = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i + 1 < pools.size(); ++i) {
      const double cost = merging_cost(pools[i], pools[i + 1]);
      if (cost < least) {
        least = cost;
        cheapest = i;
      }
    }
    pools[cheapest] = merged(pools[cheapest], pools[cheapest + 1]);
    pools.erase(pools.begin() + static_cast<std::ptrdiff_t>(cheapest) + 1);
  }
}

}  // namespace

double Curve::operator()(double x) const noexcept {
  if (score.empty()) return x;
  if (!(x > score.front())) return probability.front();
  if (x >= score.back()) return probability.back();
  const std::size_t above = std::upper_bound(score.begin(), score.end(), x) - score.begin();
  const double share = (x - score[above - 1]) / (score[above] - score[above - 1]);
  return std::lerp(probability[above - 1], probability[above], share);
}

void Curve::validate(const std::string& name) const {
  if (score.size() != probability.size()) {
    throw Error(ErrorKind::kInvalidData, name,
                "a curve has " + std::to_string(score.size()) + " scores but " + std::to_string(probability.size()) +
                    " probabilities");
  }
  for (std::size_t i = 0; i < score.size(); ++i) {
    const bool in_range = std::isfinite(score[i]) && probability[i] >= 0.0 && probability[i] <= 1.0;
    const bool in_order = i == 0 || (score[i] > score[i - 1] && probability[i] >= probability[i - 1]);
    if (in_range && in_order) continue;
    throw Error(ErrorKind::kInvalidData, name,
                "knot " + std::to_string(i) + " of a curve is " + (in_range ? "out of order" : "out of range"));
  }
}

std::vector<IsotonicLevel> pool_adjacent_violators(std::span<const float> scores, std::span<const std::uint8_t> right) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });

  std::vector<IsotonicLevel> pools;
  for (std::size_t i = 0; i < order.size();) {
    // Samples with equal scores are indistinguishable, so they start as one pool.
    const float score = scores[order[i]];
    IsotonicLevel pool{0, score, 0};
    for (; i < order.size() && scores[order[i]] == score; ++i) {
      pool.weight += 1;
      pool.probability += right[order[i]] != 0;
    }
    pool.probability /= pool.weight;
    while (!pools.empty() && pools.back().probability >= pool.probability) {
      pool = merged(pools.back(), pool);
      pools.pop_back();
    }
    pools.push_back(pool);
  }
  return pools;
}

Curve fit_isotonic(std::span<const float> scores, std::span<const std::uint8_t> right, int max_knots) {
  if (scores.size() != right.size()) {
    throw Error(ErrorKind::kInvalidData, "calibration",
                std::to_string(scores.size()) + " scores but " + std::to_string(right.size()) + " outcomes");
  }
  if (std::any_of(scores.begin(), scores.end(), [](float score) { return !std::isfinite(score); })) {
    throw Error(ErrorKind::kInvalidData, "calibration", "a score is NaN or infinite");
  }
  std::vector<IsotonicLevel> pools = pool_adjacent_violators(scores, right);
  thin(pools, max_knots);
  Curve curve;
  for (const IsotonicLevel& pool : pools) {
    curve.score.push_back(pool.score);
    curve.probability.push_back(std::clamp(pool.probability, 0.0, 1.0));
  }
  return curve;
}

}  // namespace einet::predict
