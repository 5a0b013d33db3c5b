// Which nodes of a multi-exit graph are trunk and which are branch (docs/definitions.md), from ancestry alone.
//
// A node serves a set of exits: those it is an ancestor of. Put the exits in order of depth and let `first` and `last`
// be the ends of a node's set. By the definition
//
//     conv part i = ancestors of exit i that some later exit also needs, less the earlier conv parts
//     branch i    = ancestors of exit i that no later exit needs
//
// a node with first < last is in conv part `first`, and a node with first = last is in branch `first`. So two numbers
// per node are enough, and one backward sweep finds them: a node's set is the union over its consumers, hence its ends
// are the least `first` and the greatest `last` among them. O(nodes + edges).
//
// Example: trunk a -> b -> c, exits x(a), y(b), z(c) give conv parts {a}, {b}, {} and branches {x}, {y}, {c, z}: what
// only the last exit needs is its branch, so its conv part is empty.
//
// The order of the exits is by depth: the number of an exit's ancestors that another exit needs too. Counting only
// shared nodes keeps a long branch on an early exit from looking deep. The two deepest exits of a chain share the same
// nodes and therefore tie; the order of the file decides.

#include "einet/graph/partition.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "einet/core/error.h"

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

// The ends of every node's set of exits, exits numbered by their place in `outputs`.
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

std::vector<char> ancestors(const Graph& graph, const std::unordered_map<std::string, int>& produced_by,
                            const std::string& output) {
  std::vector<char> needed(graph.nodes.size(), 0);
  needed[produced_by.at(output)] = 1;
  for (int node = static_cast<int>(graph.nodes.size()) - 1; node >= 0; --node) {
    if (!needed[node]) continue;
    for (const std::string& value : graph.nodes[node].inputs) {
      if (const auto producer = produced_by.find(value); producer != produced_by.end()) needed[producer->second] = 1;
    }
  }
  return needed;
}

std::vector<std::string> by_depth(const Graph& graph, const std::unordered_map<std::string, int>& produced_by) {
  const std::vector<Ends> ends = find_ends(graph, produced_by, graph.outputs);
  std::vector<int> depth;
  for (const std::string& output : graph.outputs) {
    const std::vector<char> needed = ancestors(graph, produced_by, output);
    int shared = 0;
    for (std::size_t node = 0; node < needed.size(); ++node) {
      shared += needed[node] != 0 && ends[node].first < ends[node].last;
    }
    depth.push_back(shared);
  }
  std::vector<int> order(depth.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return depth[a] < depth[b]; });
  std::vector<std::string> sorted;
  for (const int exit : order) sorted.push_back(graph.outputs[exit]);
  return sorted;
}

// Whether a softmax over the classes made this value; operators that pass values through are looked through.
bool is_softmax(const Graph& graph, const std::unordered_map<std::string, int>& produced_by, const std::string& value) {
  auto producer = produced_by.find(value);
  while (producer != produced_by.end()) {
    const Node& node = graph.nodes[producer->second];
    if (node.op != "Identity" && node.op != "Dropout") return node.op == "Softmax";
    producer = produced_by.find(node.inputs.front());
  }
  return false;
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
    blocks[i].probabilities = is_softmax(graph, produced_by, outputs[i]);
  }
  for (std::size_t node = 0; node < ends.size(); ++node) {
    if (!ends[node].used()) continue;
    Block& block = blocks[ends[node].first];
    (ends[node].first < ends[node].last ? block.conv_part : block.branch).push_back(static_cast<int>(node));
  }
  return blocks;
}

}  // namespace einet::graph
