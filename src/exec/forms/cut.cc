// Given n yes-or-no decisions, a cost for each and a cost for each pair of neighbours that disagree, the best of the
// 2^n possibilities is a minimum cut. Decision i is a node; an edge from the source has the cost of "no", an edge to
// the sink that of "yes", and edges in both directions between neighbours the cost of their border. The nodes on the
// source's side of a minimum cut are "yes": their edges to the sink are cut, as are the borders to the other side.
//
// Example: a - b - c with borders of 1; "yes" costs 0, 3, 0 and "no" costs 2, 2, 2. All yes: 3; only b no: 2 + 1 + 1.
//
// Greig, Porteous and Seheult, "Exact Maximum A Posteriori Estimation for Binary Images", 1989. The flow is found along
// shortest augmenting paths (Edmonds and Karp, 1972): O(n m^2) in the worst case, much less for networks, whose borders
// form chains.

#include "exec/forms/cut.h"

#include <algorithm>
#include <limits>
#include <queue>

namespace einet::exec {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

class Flow {
 public:
  explicit Flow(std::size_t nodes) : edges_of_(nodes) {}

  void add(std::size_t from, std::size_t to, double forward, double backward) {
    edges_of_[from].push_back(edges_.size());
    edges_.push_back({to, forward});
    edges_of_[to].push_back(edges_.size());
    edges_.push_back({from, backward});
  }

  /// Whether each node can be reached from `source` when the flow to `sink` is at its maximum.
  std::vector<bool> reachable(std::size_t source, std::size_t sink) {
    for (;;) {
      const std::vector<std::size_t> by = search(source);
      if (by[sink] == kNone) {
        std::vector<bool> result(edges_of_.size());
        for (std::size_t node = 0; node < result.size(); ++node) result[node] = by[node] != kNone;
        return result;
      }
      double least = kInfinite;
      for (std::size_t at = sink; at != source; at = edges_[by[at] ^ 1].to)
        least = std::min(least, edges_[by[at]].left);
      for (std::size_t at = sink; at != source; at = edges_[by[at] ^ 1].to) {
        edges_[by[at]].left -= least;
        edges_[by[at] ^ 1].left += least;
      }
    }
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1), kSource = kNone - 1;
  struct Edge {
    std::size_t to;
    double left;
  };

  // The edge by which each node is first reached, breadth first.
  std::vector<std::size_t> search(std::size_t source) const {
    std::vector<std::size_t> by(edges_of_.size(), kNone);
    by[source] = kSource;
    std::queue<std::size_t> open({source});
    while (!open.empty()) {
      const std::size_t node = open.front();
      open.pop();
      for (const std::size_t edge : edges_of_[node]) {
        if (edges_[edge].left <= 0.0 || by[edges_[edge].to] != kNone) continue;
        by[edges_[edge].to] = edge;
        open.push(edges_[edge].to);
      }
    }
    return by;
  }

  std::vector<std::vector<std::size_t>> edges_of_;
  std::vector<Edge> edges_;  // Edge e and its opposite e ^ 1.
};

}  // namespace

std::vector<bool> cheapest_decisions(const std::vector<Decision>& decisions, const std::vector<Border>& borders) {
  // More than the sum of all costs; used instead of infinity, which cannot be subtracted.
  double everything = 1.0;
  for (const Decision& d : decisions) everything += (d.no < kInfinite ? d.no : 0.0) + (d.yes < kInfinite ? d.yes : 0.0);
  for (const Border& border : borders) everything += border.cost;
  const auto finite = [&](double cost) { return cost < kInfinite ? cost : everything; };

  const std::size_t source = decisions.size(), sink = source + 1;
  Flow flow(decisions.size() + 2);
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    // Costs common to both alternatives do not matter.
    const double no = finite(decisions[i].no), yes = finite(decisions[i].yes), common = std::min(no, yes);
    flow.add(source, i, no - common, 0.0);
    flow.add(i, sink, yes - common, 0.0);
  }
  for (const Border& border : borders) flow.add(border.a, border.b, border.cost, border.cost);
  std::vector<bool> result = flow.reachable(source, sink);
  result.resize(decisions.size());
  return result;
}

}  // namespace einet::exec
