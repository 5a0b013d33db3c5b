#include "graph/insertion.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "einet/error.h"
#include "graph/cost.h"
#include "graph/partition.h"

namespace einet::graph {
namespace {

constexpr int kFewestChannels = 8;
constexpr double kOneBranch = 0.05;
constexpr double kAllBranches = 0.25;

/// Of a branch alone, which a network of one exit is by the definition of the partition.
BlockCost branch_cost(const Place& place, int classes, const BranchShape& branch) {
  Graph alone;
  alone.name = "branch";
  alone.inputs = {{"input", place.shape}};
  alone.inputs.front().shape.insert(alone.inputs.front().shape.begin(), -1);
  Builder net(std::move(alone), std::nullopt);
  net.exit(append_branch(net, net.input(), classes, branch, "exit", place.channels));
  const Graph graph = std::move(net).build();
  return block_costs(graph, partition(graph)).front();
}

/// The place with the largest branch that costs no more than `limit`; nothing where the smallest does.
std::optional<NewExit> fit(const Place& place, int classes, BranchShape branch, double limit) {
  if (place.shape.size() != 3 || place.channels != 0) branch.convolutions = 0;
  while (true) {
    const BlockCost cost = branch_cost(place, classes, branch);
    if (static_cast<double>(cost.branch_macs) <= limit) {
      return NewExit{place, branch, cost.branch_macs, cost.branch_parameters};
    }
    if (branch.channels / 2 < kFewestChannels) return std::nullopt;
    branch.channels /= 2;
    branch.hidden = std::max(kFewestChannels, branch.hidden / 2);
  }
}

std::vector<Place> named_places(const Graph& graph, const std::vector<std::string>& after) {
  std::vector<Place> places;
  for (const std::string& name : after) {
    Place place = place_after(graph, name);
    const auto same = [&](const Place& other) { return other.value == place.value; };
    if (std::ranges::none_of(places, same)) places.push_back(std::move(place));
  }
  std::ranges::stable_sort(places, {}, &Place::macs_before);
  return places;
}

void check_together(const std::vector<NewExit>& exits, std::int64_t trunk) {
  std::int64_t branches = 0;
  for (const NewExit& exit : exits) branches += exit.branch_macs;
  if (branches <= trunk) return;
  throw Error(ErrorKind::kUsage, std::to_string(exits.size()) + " branches",
              "together they would cost " + std::to_string(branches) + " MACs, more than the network's own " +
                  std::to_string(trunk) + "; take fewer exits or a smaller share for a branch");
}

}  // namespace

int classes_of(const Graph& graph) {
  const std::string& output = graph.outputs.at(0);
  return exit_classes(graph, output, infer_shapes(graph, 1).at(output));
}

std::vector<NewExit> plan_exits(const Graph& graph, const InsertionOptions& options) {
  const bool named = !options.after.empty();
  const std::vector<Place> places = named ? named_places(graph, options.after) : find_places(graph);
  if (places.empty()) {
    throw Error(ErrorKind::kUsage, "network '" + graph.name + "'",
                "no map or token holds all that the rest of it needs; name the nodes after which exits shall be");
  }
  const std::int64_t trunk = places.front().macs_before + places.front().macs_after;
  const int classes = classes_of(graph);
  const int most = static_cast<int>(places.size());
  const int wanted = options.exits > 0 ? std::min(options.exits - 1, most) : most;
  const double share = options.max_branch_share > 0 ? options.max_branch_share
                                                    : std::min(kOneBranch, kAllBranches / std::max(1, wanted));
  const double limit = share * static_cast<double>(trunk);
  const BranchShape largest{options.convolutions, options.fully_connected, options.channels, options.hidden};

  std::vector<NewExit> exits;
  for (const Place& place : places) {
    std::optional<NewExit> exit = fit(place, classes, largest, limit);
    if (!exit && named) {
      throw Error(ErrorKind::kUsage, "node '" + place.node + "'",
                  "even the smallest branch costs more there than the " +
                      std::to_string(static_cast<std::int64_t>(limit)) + " MACs that one may cost");
    }
    if (exit && (named || place.macs_after > exit->branch_macs)) exits.push_back(*std::move(exit));
  }
  if (exits.empty()) {
    throw Error(ErrorKind::kUsage, "network '" + graph.name + "'",
                "no exit pays: at each of its " + std::to_string(places.size()) +
                    " places a branch would cost more than the rest of the network, or than the " +
                    std::to_string(static_cast<std::int64_t>(limit)) + " MACs that one may cost");
  }
  if (options.exits > 0 && !named) {
    std::vector<Place> useful;
    for (const NewExit& exit : exits) useful.push_back(exit.place);
    const std::vector<Place> chosen = spread(useful, options.exits - 1);
    std::erase_if(exits, [&](const NewExit& exit) {
      return std::ranges::none_of(chosen, [&](const Place& place) { return place.value == exit.place.value; });
    });
  }
  check_together(exits, trunk);
  return exits;
}

Graph insert_exits(Graph graph, const std::vector<NewExit>& exits, std::uint64_t seed) {
  const int classes = classes_of(graph);
  const auto exit_name = [](std::size_t i) { return "exit" + std::to_string(i); };
  std::string last = graph.outputs.front();
  for (std::size_t i = 1; i <= exits.size(); ++i) {
    if (last != exit_name(i)) continue;
    const std::string renamed = exit_name(exits.size() + 1);
    for (Node& node : graph.nodes) {
      std::ranges::replace(node.inputs, last, renamed);
      std::ranges::replace(node.outputs, last, renamed);
    }
    last = renamed;
    break;
  }
  Builder net(std::move(graph), seed);
  for (std::size_t i = 0; i < exits.size(); ++i) {
    const Place& place = exits[i].place;
    net.exit(append_branch(net, place.value, classes, exits[i].branch, exit_name(i + 1), place.channels));
  }
  net.keep_output(last);
  return std::move(net).build();
}

}  // namespace einet::graph
