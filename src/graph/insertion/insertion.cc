#include "graph/insertion.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "einet/error.h"
#include "graph/cost.h"
#include "graph/faults.h"
#include "graph/insertion/channels.h"
#include "graph/insertion/meeting_points.h"
#include "graph/partition.h"

namespace einet::graph {
namespace {

constexpr int kFewestChannels = 8;
constexpr double kOneBranch = 0.05;
constexpr double kAllBranches = 0.25;
constexpr double kParameterShares = 4;  // Parameters cost memory; multiply-accumulates cost time, which is scarcer.
constexpr int kMostInputExits = 4;

/// The maximum cost of a branch.
struct Limit {
  double macs, parameters;
  Limit operator*(double share) const { return {share * macs, share * parameters}; }
};

/// The cost of the branch is that of a network consisting of the branch alone, which is one branch by the definition of
/// the partition.
NewExit new_exit(const Place& place, int classes, const BranchShape& branch) {
  Graph alone;
  alone.name = "branch";
  alone.inputs = {{"input", place.shape}};
  alone.inputs.front().shape.insert(alone.inputs.front().shape.begin(), -1);
  Builder net(std::move(alone), std::nullopt);
  net.exit(append_branch(net, net.input(), classes, branch, "exit", place.channels));
  const Graph graph = std::move(net).build();
  const BlockCost cost = block_costs(graph, partition(graph)).front();
  return {place, branch, cost.branch_macs, cost.branch_parameters};
}

bool within(const NewExit& exit, const Limit& limit) {
  return static_cast<double>(exit.branch_macs) <= limit.macs &&
         static_cast<double>(exit.branch_parameters) <= limit.parameters;
}

/// The place with the largest branch within `limit`; empty if even the smallest exceeds it.
std::optional<NewExit> fit(const Place& place, int classes, BranchShape branch, const Limit& limit) {
  if (place.shape.size() != 3 || place.channels != 0) branch.convolutions = 0;
  BranchShape smaller = branch;
  while (true) {
    NewExit exit = new_exit(place, classes, smaller);
    if (within(exit, limit)) return exit;
    if (smaller.channels / 2 >= kFewestChannels) {
      smaller.channels /= 2;
      smaller.hidden = std::max(kFewestChannels, smaller.hidden / 2);
    } else if (smaller.convolutions > 0) {
      smaller = branch;
      smaller.convolutions = 0;
    } else {
      return std::nullopt;
    }
  }
}

/// The widest branch on the image within `limit`. A wide one gets twice the resolution rather than more channels.
std::optional<NewExit> fit_input(const Place& place, int classes, const Limit& limit) {
  constexpr int kStep = 4, kWidest = 256, kWide = 32;
  const auto side = static_cast<int>(std::max(place.shape[1], place.shape[2]));
  std::optional<NewExit> best;
  for (BranchShape branch{.convolutions = 2, .fully_connected = 1, .channels = kStep, .hidden = 0, .pixels = 16};;) {
    NewExit exit = new_exit(place, classes, branch);
    if (!within(exit, limit)) return best;
    best = std::move(exit);
    if (branch.channels >= kWide && 2 * branch.pixels <= side) {
      branch.pixels *= 2;
      branch.channels /= 2;
    } else if (branch.channels < kWidest) {
      branch.channels += kStep;
    } else {
      return best;
    }
  }
}

/// `count` branches at the input, of increasing size.
std::vector<NewExit> input_exits(const Graph& graph, int classes, int count, const Limit& whole) {
  if (count < 0 || count > kMostInputExits) {
    throw Error(ErrorKind::kUsage, std::to_string(count) + " exits at the input",
                "only 1 to " + std::to_string(kMostInputExits) + " are supported");
  }
  if (count == 0) return {};
  const Place place = input_place(graph);
  std::vector<NewExit> exits;
  if (count == kMostInputExits) {
    exits.push_back(
        new_exit(place, classes, {.convolutions = 0, .fully_connected = 1, .channels = 0, .hidden = 0, .pixels = 8}));
  }
  std::vector<double> shares = {0.01};
  if (count > 1) shares.insert(shares.begin(), 0.003);
  if (count > 2) shares.push_back(0.04);
  for (const double share : shares) {
    // With a thousand classes the parameters alone exceed such a small share.
    std::optional<NewExit> exit =
        fit_input(place, classes, {share * whole.macs, kParameterShares * kOneBranch * whole.parameters});
    if (!exit || (!exits.empty() && exits.back().branch_macs >= exit->branch_macs)) continue;
    exits.push_back(*std::move(exit));
  }
  if (exits.empty()) {
    throw Error(ErrorKind::kUsage, "exits at the input",
                "even the smallest branch costs more than " +
                    std::to_string(static_cast<std::int64_t>(0.01 * whole.macs)) +
                    " multiply-accumulates, 1 % of the network");
  }
  return exits;
}

/// Parameters of the nodes that the last exit needs.
std::int64_t trunk_parameters(const Graph& graph) {
  const std::vector<BlockCost> costs = block_costs(graph, partition(graph));
  std::int64_t total = costs.back().branch_parameters;
  for (const BlockCost& cost : costs) total += cost.conv_parameters;
  return total;
}

bool is_image(const Graph& graph, const Shape& shape) {
  return shape.size() == 4 && channel_dimensions(graph, infer_shapes(graph, 1)).at(graph.inputs.front().name) == 1;
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
                  std::to_string(trunk) + "; use fewer exits or a smaller share per branch");
}

}  // namespace

int classes_of(const Graph& graph) {
  const std::string output = last_exit(graph);
  return exit_classes(graph, output, infer_shapes(graph, 1).at(output));
}

std::vector<NewExit> plan_exits(const Graph& graph, const InsertionOptions& options) {
  const bool named = !options.after.empty(), several = graph.outputs.size() > 1, choice = options.candidates > 0;
  std::vector<Place> places = named ? named_places(graph, options.after) : find_places(graph);
  if (choice && options.exits > 0) {
    throw Error(ErrorKind::kUsage, std::to_string(options.exits) + " exits",
                "cannot be combined with candidates, which are added at every place");
  }
  if (several && !named && !choice) {
    if (options.exits > 0 || options.input_exits.value_or(0) == 0) {
      invalid("network '" + graph.name + "'",
              "has " + std::to_string(graph.outputs.size()) +
                  " exits already; more can only be added at the input, after named nodes, or as candidates");
    }
    places.clear();
  } else if (places.empty()) {
    throw Error(ErrorKind::kUsage, "network '" + graph.name + "'",
                "its paths never meet at a map or at tokens, so there is no place for exits; name nodes to insert them "
                "after");
  }
  const Shapes shapes = infer_shapes(graph, 1);
  std::int64_t trunk = 0;
  const std::vector<char> counts = on_the_way(graph, last_exit(graph));
  for (std::size_t i = 0; i < counts.size(); ++i) trunk += counts[i] != 0 ? macs(graph.nodes[i], shapes) : 0;
  const Limit whole{static_cast<double>(trunk), static_cast<double>(trunk_parameters(graph))};
  const int classes = classes_of(graph);

  const Shape& image = shapes.at(graph.inputs.front().name);
  const int at_input = options.input_exits.value_or(choice && is_image(graph, image) ? 3 : 0);
  std::vector<NewExit> exits = input_exits(graph, classes, at_input, whole);
  const auto found = static_cast<std::ptrdiff_t>(exits.size());

  const int most = static_cast<int>(places.size());
  const int others = 1 + static_cast<int>(found);
  if (options.exits > 0 && options.exits <= others && found > 0) {
    throw Error(ErrorKind::kUsage, std::to_string(options.exits) + " exits",
                "the network's own exits and those at the input are already " + std::to_string(others));
  }
  const int wanted = options.exits > 0 ? std::min(options.exits - others, most) : most;
  const double share = options.max_branch_share > 0 ? options.max_branch_share
                       : choice                     ? kOneBranch
                                                    : std::min(kOneBranch, kAllBranches / std::max(1, wanted));
  const Limit limit{share * whole.macs, kParameterShares * share * whole.parameters};
  const BranchShape largest{options.convolutions, options.fully_connected, options.channels, options.hidden};

  for (const Place& place : places) {
    std::vector<NewExit> here;
    for (int size = std::max(1, options.candidates); size-- > 0;) {
      const std::optional<NewExit> exit = fit(place, classes, largest, limit * std::pow(4.0, -size));
      if (!exit || (!here.empty() && here.back().branch_macs >= exit->branch_macs)) continue;
      if (named || place.macs_after > exit->branch_macs) here.push_back(*exit);
    }
    if (here.empty() && named) {
      throw Error(ErrorKind::kUsage, "node '" + place.node + "'",
                  "even the smallest branch here exceeds the limit of " +
                      std::to_string(static_cast<std::int64_t>(limit.macs)) + " MACs or " +
                      std::to_string(static_cast<std::int64_t>(limit.parameters)) + " parameters");
    }
    exits.insert(exits.end(), here.begin(), here.end());
  }
  if (exits.empty()) {
    throw Error(ErrorKind::kUsage, "network '" + graph.name + "'",
                "no exit is useful: at each of its " + std::to_string(places.size()) +
                    " places a branch would cost more than the rest of the network, or more than the limit of " +
                    std::to_string(static_cast<std::int64_t>(limit.macs)) + " MACs");
  }
  for (NewExit& exit : exits) {
    exit.share_before = options.share_before ? options.share_before(exit.place)
                                             : static_cast<double>(exit.place.macs_before) / whole.macs;
  }
  if (options.exits > 0 && !named) {
    std::vector<Position> useful;  // Without candidates there is one exit per place.
    for (auto exit = exits.begin() + found; exit != exits.end(); ++exit) {
      useful.push_back({exit->share_before, static_cast<double>(exit->branch_macs)});
    }
    std::vector<NewExit> kept(exits.begin(), exits.begin() + found);
    for (const int place : spread(useful, options.exits - others)) kept.push_back(exits[found + place]);
    exits = std::move(kept);
  }
  if (!choice) check_together(exits, trunk);
  return exits;
}

}  // namespace einet::graph
