// Branches are appended to the list of nodes, which keeps it in topological order, since nothing reads them. The order
// of the exits needs care: partition() orders them by how much of the trunk they need, and ties by the order of the
// file. The outputs are therefore listed in that order, existing exits before new ones of the same depth.

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "einet/error.h"
#include "graph/ancestors.h"
#include "graph/insertion.h"
#include "graph/insertion/exit_names.h"
#include "graph/partition.h"

namespace einet::graph {
namespace {

struct Exit {
  std::string output;             ///< Of an existing exit; empty for a new one.
  const NewExit* made = nullptr;  ///< A new one.
  int depth = 0;                  ///< Nodes of the trunk that it needs.
};

/// All exits in order of depth, the last one last.
std::vector<Exit> in_order(const Graph& graph, const std::vector<NewExit>& made) {
  const auto produced_by = producers(graph);
  const std::vector<Block> blocks = partition(graph);
  const std::vector<char> trunk = ancestors(graph, produced_by, blocks.back().output);
  const auto depth = [&](const std::string& value) {
    if (!produced_by.contains(value)) return 0;
    const std::vector<char> needed = ancestors(graph, produced_by, value);
    int count = 0;
    for (std::size_t i = 0; i < trunk.size(); ++i) count += needed[i] != 0 && trunk[i] != 0;
    return count;
  };
  std::vector<Exit> exits;
  for (std::size_t i = 0; i + 1 < blocks.size(); ++i)
    exits.push_back({blocks[i].output, nullptr, depth(blocks[i].output)});
  for (const NewExit& exit : made) exits.push_back({"", &exit, depth(exit.place.value)});
  std::ranges::stable_sort(exits, {}, &Exit::depth);
  exits.push_back({blocks.back().output, nullptr, 0});
  return exits;
}

}  // namespace

std::vector<int> exit_numbers(const Graph& graph, const std::vector<NewExit>& made) {
  const std::vector<Exit> exits = in_order(graph, made);
  std::vector<int> numbers;
  for (const NewExit& exit : made) {
    const auto at = std::ranges::find(exits, &exit, &Exit::made);
    numbers.push_back(static_cast<int>(at - exits.begin()) + 1);
  }
  return numbers;
}

Graph insert_exits(Graph graph, const std::vector<NewExit>& made, std::uint64_t seed) {
  const int classes = classes_of(graph);
  const std::vector<Exit> exits = in_order(graph, made);
  std::vector<std::string> outputs;
  for (const Exit& exit : exits) outputs.push_back(exit.output);
  const ExitRenumbering renumbered(outputs);
  renumbered.apply(graph);
  Builder net(std::move(graph), seed);
  std::set<std::string> fresh;
  for (std::size_t i = 0; i < exits.size(); ++i) {
    if (exits[i].made == nullptr) {
      net.keep_output(renumbered(exits[i].output));
      continue;
    }
    const Place& place = exits[i].made->place;
    net.exit(append_branch(net, renumbered(place.value), classes, exits[i].made->branch, exit_name(i), place.channels));
    fresh.insert(exit_name(i));
  }
  Graph result = std::move(net).build();
  result.untrained.merge(fresh);
  const std::vector<Block> blocks = partition(result);
  // Two exits are ordered by size (partition.cc), and either order gives a network that runs.
  for (std::size_t i = 0; i < blocks.size() && blocks.size() > 2; ++i) {
    if (blocks[i].output == result.outputs[i]) continue;
    throw Error(ErrorKind::kUsage, "exit " + std::to_string(i + 1),
                "its branch is as deep as the network itself, so it would not be the exit of that number; use smaller "
                "branches");
  }
  return result;
}

}  // namespace einet::graph
