// Which nodes of a multi-exit graph are trunk and which are branch (docs/definitions.md), from ancestry alone.
//
// A node serves a set of exits: those it is an ancestor of. With the exits in order of depth, let `first` and `last` be
// the first and last exit of a node's set. By the definition
//
//     conv part i = ancestors of exit i that some later exit also needs, minus the earlier conv parts
//     branch i    = ancestors of exit i that no later exit needs
//
// a node with first < last is in conv part `first`, and a node with first = last is in branch `first`. Two numbers per
// node are therefore sufficient. A single backward sweep finds them: a node's set is the union over its consumers, so
// `first` is the minimum and `last` the maximum over them. O(nodes + edges).
//
// Example: trunk a -> b -> c, exits x(a), y(b), z(c) give conv parts {a}, {b}, {} and branches {x}, {y}, {c, z}: nodes
// that only the last exit needs are its branch, so its conv part is empty.
//
// Exits are ordered by depth. The longest exit, the one with the most layers with weights among its ancestors, defines
// the trunk. The depth of an exit is the number of its ancestors that are also ancestors of the longest exit, so
// neither a long branch at an early exit nor a part shared by branches increases it. The two deepest exits of a chain
// are tied, because after the last fork only size distinguishes branch and trunk. Such ties are resolved by the order
// of the file: forwards if the other exits are listed in order, backwards if several are listed in reverse. If there
// are only two exits, or the file has no consistent order, the exit with fewer unshared layers comes first. An exit on
// the path to another comes before it.

#include "graph/partition.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "graph/ancestors.h"

namespace einet::graph {
namespace {

constexpr int kNone = std::numeric_limits<int>::max();

struct Ends {
  int first = kNone;
  int last = -1;

  bool used() const { return last >= 0; }
  void include(Ends other) {
    first = std::min(first, other.first);
    last = std::max(last, other.last);
  }
};

// `first` and `last` of every node, with exits numbered by their position in `outputs`.
std::vector<Ends> find_ends(const Graph& graph, const std::unordered_map<std::string, int>& produced_by,
                            const std::vector<std::string>& outputs) {
  std::vector<Ends> ends(graph.nodes.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    ends[produced_by.at(outputs[i])].include({static_cast<int>(i), static_cast<int>(i)});
  }
  for (int node = static_cast<int>(graph.nodes.size()) - 1; node >= 0; --node) {
    if (!ends[node].used()) continue;
    for (const std::string& value : graph.nodes[node].inputs) {
      if (const auto producer = produced_by.find(value); producer != produced_by.end()) {
        ends[producer->second].include(ends[node]);
      }
    }
  }
  return ends;
}

bool has_weights(const Node& node) { return node.op == "Conv" || node.op == "Gemm" || node.op == "MatMul"; }

// The properties by which exits are ordered.
struct Candidate {
  int exit = 0;
  std::vector<char> needed;           ///< Its ancestors.
  int layers = 0, nodes = 0;          ///< Among the ancestors.
  int own_layers = 0, own_nodes = 0;  ///< Among the ancestors that no other exit needs.
  int depth = 0;
};

std::vector<Candidate> candidates(const Graph& graph, const std::unordered_map<std::string, int>& produced_by) {
  const std::vector<Ends> ends = find_ends(graph, produced_by, graph.outputs);
  std::vector<Candidate> result;
  for (const std::string& output : graph.outputs) {
    Candidate c;
    c.exit = static_cast<int>(result.size());
    c.needed = ancestors(graph, produced_by, output);
    for (std::size_t node = 0; node < ends.size(); ++node) {
      if (c.needed[node] == 0) continue;
      const bool layer = has_weights(graph.nodes[node]), own = ends[node].first == ends[node].last;
      c.layers += layer;
      c.nodes += 1;
      c.own_layers += layer && own;
      c.own_nodes += own;
    }
    result.push_back(std::move(c));
  }
  return result;
}

void find_depths(std::vector<Candidate>& exits) {
  const auto longest = std::max_element(exits.begin(), exits.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(a.layers, a.nodes - a.own_nodes, a.nodes) < std::tuple(b.layers, b.nodes - b.own_nodes, b.nodes);
  });
  int deepest = 0;
  for (Candidate& c : exits) {
    if (&c == &*longest) continue;
    for (std::size_t node = 0; node < c.needed.size(); ++node)
      c.depth += c.needed[node] != 0 && longest->needed[node] != 0;
    deepest = std::max(deepest, c.depth);
  }
  longest->depth = deepest;
}

enum class Direction { kForwards, kBackwards, kUnknown };

// Direction of the file, if the depths determine it.
Direction direction(const std::vector<Candidate>& exits) {
  int rises = 0, falls = 0;
  for (std::size_t i = 1; i < exits.size(); ++i) {
    rises += exits[i].depth > exits[i - 1].depth;
    falls += exits[i].depth < exits[i - 1].depth;
  }
  if (falls == 0 && (rises > 0 || exits.size() > 2)) return Direction::kForwards;
  return rises == 0 && falls > 1 ? Direction::kBackwards : Direction::kUnknown;
}

std::vector<std::string> by_depth(const Graph& graph, const std::unordered_map<std::string, int>& produced_by) {
  std::vector<Candidate> exits = candidates(graph, produced_by);
  find_depths(exits);
  const Direction order = direction(exits);
  std::stable_sort(exits.begin(), exits.end(), [&](const Candidate& a, const Candidate& b) {
    if (a.depth != b.depth) return a.depth < b.depth;
    if (a.own_nodes == 0 || b.own_nodes == 0) {
      return std::tuple(a.own_nodes != 0, a.nodes) < std::tuple(b.own_nodes != 0, b.nodes);
    }
    if (order == Direction::kForwards) return a.exit < b.exit;
    if (order == Direction::kBackwards) return a.exit > b.exit;
    return std::tie(a.own_layers, a.own_nodes) < std::tie(b.own_layers, b.own_nodes);
  });
  std::vector<std::string> sorted;
  for (const Candidate& c : exits) sorted.push_back(graph.outputs[static_cast<std::size_t>(c.exit)]);
  return sorted;
}

}  // namespace

std::vector<Block> partition(const Graph& graph) {
  graph.validate();
  const auto produced_by = producers(graph);
  const std::vector<std::string> outputs = by_depth(graph, produced_by);
  const std::vector<Ends> ends = find_ends(graph, produced_by, outputs);

  std::vector<Block> blocks(outputs.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    blocks[i].output = outputs[i];
    blocks[i].head = find_head(graph, outputs[i]).head;
  }
  for (std::size_t node = 0; node < ends.size(); ++node) {
    if (!ends[node].used()) continue;
    Block& block = blocks[ends[node].first];
    (ends[node].first < ends[node].last ? block.conv_part : block.branch).push_back(static_cast<int>(node));
  }
  return blocks;
}

}  // namespace einet::graph
