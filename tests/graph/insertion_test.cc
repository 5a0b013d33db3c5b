#include "graph/insertion.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>

#include "expect_error.h"
#include "graph/cost.h"
#include "graph/insertion/meeting_points.h"
#include "graph/keep_exits.h"
#include "graph/networks.h"
#include "graph/partition.h"

namespace einet::graph {
namespace {

using Names = std::vector<std::string>;

Node node(const std::string& name, Names inputs, const std::string& op = "Add") {
  return {op, name, std::move(inputs), {name}, {}};
}

Graph make(std::vector<Node> nodes) {
  Graph graph;
  graph.inputs = {{"in", {-1, 1}}};
  graph.outputs = {nodes.back().name};
  graph.nodes = std::move(nodes);
  return graph;
}

Names meeting(const Graph& graph) {
  Names names;
  for (const int i : meeting_points(graph, graph.outputs.front())) names.push_back(graph.nodes[i].name);
  return names;
}

TEST(MeetingPoints, AreAllNodesOfAChain) {
  EXPECT_EQ(meeting(make({node("a", {"in"}), node("b", {"a"}), node("c", {"b"})})), (Names{"a", "b", "c"}));
}

TEST(MeetingPoints, LeaveOutTheInsideOfAUnit) {
  // a -> (b -> c), (shortcut) -> sum -> d; the dead node and the constant do not count.
  const Graph graph = make({node("a", {"in"}), node("b", {"a"}), node("dead", {"a"}), node("shortcut", {"a"}),
                            node("c", {"b"}), node("sum", {"c", "shortcut"}), node("d", {"sum", "constant"})});
  EXPECT_EQ(meeting(graph), (Names{"a", "sum", "d"}));
}

TEST(MeetingPoints, SeeASqueezeAndExciteModuleAsOne) {
  const Graph graph = make({node("conv", {"in"}, "Conv"), node("pool", {"conv"}, "GlobalAveragePool"),
                            node("gate", {"pool"}, "Sigmoid"), node("scaled", {"conv", "gate"}, "Mul")});
  EXPECT_EQ(meeting(graph), (Names{"conv", "scaled"}));
}

TEST(MeetingPoints, NestConcatenationsThatBeginAlike) {
  // A dense block as exporters write it: each layer reads all before, concatenated afresh.
  const Graph graph = make({node("x0", {"in"}), node("x1", {"x0"}), node("cat1", {"x0", "x1"}, "Concat"),
                            node("x2", {"cat1"}), node("cat2", {"x0", "x1", "x2"}, "Concat"), node("x3", {"cat2"}),
                            node("cat3", {"x0", "x1", "x2", "x3"}, "Concat"), node("end", {"cat3"})});
  EXPECT_EQ(meeting(graph), (Names{"x0", "cat1", "cat2", "cat3", "end"}));
  // Where the order is another, they do not contain each other's results.
  Graph other = graph;
  other.nodes[4].inputs = {"x2", "x0", "x1"};
  EXPECT_EQ(meeting(other), (Names{"x0", "cat3", "end"}));
}

TEST(MeetingPoints, OfNetworksWithTwoTowersAreNone) {
  EXPECT_EQ(meeting(make({node("a", {"in"}), node("b", {"in"}), node("join", {"a", "b"})})), Names{"join"});
}

/// Whether a path leads from the input to the output without `closed`.
bool leads_around(const Graph& graph, int closed) {
  std::vector<std::string> reached = {"in"};
  for (int i = 0; i < static_cast<int>(graph.nodes.size()); ++i) {
    if (i == closed) continue;
    const auto& inputs = graph.nodes[i].inputs;
    if (std::ranges::any_of(inputs, [&](const auto& v) { return std::ranges::find(reached, v) != reached.end(); })) {
      reached.push_back(graph.nodes[i].name);
    }
  }
  return std::ranges::find(reached, graph.outputs.front()) != reached.end();
}

TEST(MeetingPoints, AreWhatClosesEveryPath) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    std::vector<Node> nodes;
    Names values = {"in"};
    const int count = 1 + static_cast<int>(random() % 12);
    for (int i = 0; i < count; ++i) {
      Names inputs;
      for (int k = 1 + static_cast<int>(random() % 2); k > 0; --k) {
        const std::size_t back = random() % std::min<std::size_t>(values.size(), 3);
        inputs.push_back(values[values.size() - 1 - back]);
      }
      nodes.push_back(node(std::string("n").append(std::to_string(i)), inputs));
      values.push_back(nodes.back().name);
    }
    const Graph graph = make(std::move(nodes));
    const std::vector<int> points = meeting_points(graph, graph.outputs.front());
    for (int i = 0; i < count; ++i) {
      EXPECT_EQ(std::ranges::find(points, i) != points.end(), !leads_around(graph, i)) << round << " " << i;
    }
  }
}

Names ends(const std::vector<Place>& places) {
  Names names;
  for (const Place& place : places) names.push_back(place.node);
  return names;
}

/// stem, a unit that keeps the size, one that halves it, a plain convolution with pooling, head.
Graph residual_network(const std::string& last = "logits") {
  Builder b("residual", 3, 32, 32, 1);
  std::string x = b.conv_bn_relu(b.input(), 16, {}, "stem");
  const auto unit = [&](const std::string& from, int channels, int stride, const std::string& name) {
    std::string y = b.conv_bn_relu(from, channels, {.stride = stride}, name + ".a");
    y = b.batch_norm(b.conv(y, channels, {}, name + ".b"), name + ".bn");
    const std::string around =
        stride == 1 ? from : b.conv(from, channels, {.kernel = 1, .stride = stride, .padding = 0}, name + ".fit");
    return b.relu(b.add(y, around, name + ".sum"), name + ".relu");
  };
  x = unit(unit(x, 16, 1, "unit1"), 32, 2, "unit2");
  x = b.max_pool(b.conv_bn_relu(x, 32, {}, "plain"), {.kernel = 2, .stride = 2, .padding = 0}, "pool");
  x = b.flatten(b.global_average_pool(b.conv_bn_relu(x, 64, {}, "end"), "gap"), "flat");
  x = b.linear(x, 10, last);
  b.keep_output(x);
  return std::move(b).build();
}

Graph dense_network() {
  Builder b("dense", 3, 32, 32, 1);
  Names features = {b.conv_bn_relu(b.input(), 16, {}, "stem")};
  std::string x = features[0];
  for (int layer = 1; layer <= 3; ++layer) {
    const std::string name = "layer" + std::to_string(layer);
    x = b.relu(b.batch_norm(x, name + ".bn"), name + ".relu");
    x = b.conv_bn_relu(x, 32, {.kernel = 1, .padding = 0}, name + ".narrow");
    features.push_back(b.conv(x, 8, {}, name + ".new"));
    x = b.concat(features, name + ".cat");
  }
  x = b.relu(b.batch_norm(x, "transition.bn"), "transition.relu");
  x = b.average_pool(b.conv(x, 20, {.kernel = 1, .padding = 0}, "transition"), {.kernel = 2, .stride = 2, .padding = 0},
                     "transition.pool");
  x = b.conv_bn_relu(x, 32, {}, "end");
  b.keep_output(b.linear(b.flatten(b.global_average_pool(x, "gap"), "flat"), 10, "logits"));
  return std::move(b).build();
}

TEST(Places, AreTheEndsOfConvPartsAndResidualUnits) {
  const std::vector<Place> places = find_places(residual_network());
  EXPECT_EQ(ends(places), (Names{"stem.relu", "unit1.relu", "unit2.relu", "pool", "end.relu"}));
  const std::int64_t stem = 1024 * 9 * 3 * 16;
  const std::int64_t unit1 = 2 * 1024 * 9 * 16 * 16;
  const std::int64_t unit2 = 256 * (9 * 16 * 32 + 9 * 32 * 32 + 16 * 32);
  const std::int64_t plain = 256 * 9 * 32 * 32;
  const std::int64_t rest = 64 * 9 * 32 * 64 + 64 * 10;
  EXPECT_EQ(places[0].macs_before, stem);
  EXPECT_EQ(places[0].macs_after, unit1 + unit2 + plain + rest);
  EXPECT_EQ(places[2].macs_before, stem + unit1 + unit2);
  EXPECT_EQ(places[3].macs_before, stem + unit1 + unit2 + plain);
  EXPECT_EQ(places[3].shape, (Shape{32, 8, 8}));
  EXPECT_EQ(places[4].macs_after, 640);
}

TEST(Places, AreTheEndsOfDenseLayers) {
  EXPECT_EQ(ends(find_places(dense_network())),
            (Names{"stem.relu", "layer1.cat", "layer2.cat", "transition.relu", "transition.pool", "end.relu"}));
}

TEST(Places, OfAPreActivationNetworkAreTheSums) {
  Builder b("pre", 3, 8, 8, 1);
  std::string x = b.conv(b.input(), 4, {}, "stem");
  for (const std::string name : {"u1", "u2"}) {
    const std::string y = b.conv(b.relu(b.batch_norm(x, name + ".bn"), name + ".relu"), 4, {}, name);
    x = b.add(x, y, name + ".sum");
  }
  x = b.relu(b.batch_norm(x, "last.bn"), "last.relu");
  b.keep_output(b.linear(b.flatten(b.global_average_pool(x, "gap"), "flat"), 10, "logits"));
  EXPECT_EQ(ends(find_places(std::move(b).build())), (Names{"stem", "u1.sum", "last.relu"}));
}

TEST(Places, OnTokensAreTheEndsOfBlocks) {
  const std::vector<Place> places = find_places(token_network());
  EXPECT_EQ(ends(places), (Names{"embedded", "block1.mlp", "block2.mlp", "norm"}));
  EXPECT_EQ(places[1].shape, (Shape{16, 8}));
  EXPECT_EQ(places[1].channels, 1u);
  // Patches; queries, keys, values and output, scores and their product with values; MLP.
  EXPECT_EQ(places[1].macs_before, 16 * 48 * 8 + 4 * 16 * 8 * 8 + 2 * 16 * 16 * 8 + 2 * 16 * 8 * 16);
}

TEST(Places, OnChannelsLastMapsAreTheEndsOfBlocks) {
  const std::vector<Place> places = find_places(channels_last_network());
  EXPECT_EQ(ends(places), (Names{"map", "block1.mlp", "block2.mlp", "norm"}));
  EXPECT_EQ(places[0].shape, (Shape{4, 4, 8}));
  EXPECT_EQ(places[0].channels, 2u);
}

// Mixes positions by a product between two transpositions.
TEST(Places, OfAnMlpMixerAreTheEndsOfBlocks) {
  Transformer t;
  const std::string rows = t.node("Reshape", "rows", {t.patches(), t.ints({0, 8, 16})});
  std::string x = t.transpose(rows, "tokens", {0, 2, 1});
  for (const std::string block : {"a", "b"}) {
    const std::string across = t.transpose(t.norm(x, block + ".norm"), block + ".across", {0, 2, 1});
    const std::string mixed = t.linear(across, 16, 16, block + ".positions");
    x = t.node("Add", block + ".mixed", {x, t.transpose(mixed, block + ".back", {0, 2, 1})});
    x = t.mlp(x, block + ".mlp");
  }
  EXPECT_EQ(ends(find_places(t.classifier(x, {1}, "mixer"))), (Names{"tokens", "a.mlp", "norm"}));
}

// A gate's convolutions of a pooled map are no conv part: no place before it, one after it.
TEST(Places, TakeAGateWithWhatItScales) {
  Builder b("gated", 3, 16, 16, 1);
  std::string x = b.conv_bn_relu(b.input(), 8, {}, "stem");
  std::string gate = b.relu(b.conv(b.global_average_pool(x, "squeeze"), 4, {.kernel = 1, .padding = 0}, "fc1"), "relu");
  gate = b.conv(gate, 8, {.kernel = 1, .padding = 0}, "fc2");
  x = b.conv_bn_relu(b.add(x, gate, "gated"), 8, {}, "end");
  b.keep_output(b.linear(b.flatten(b.global_average_pool(x, "gap"), "flat"), 10, "logits"));
  EXPECT_EQ(ends(find_places(std::move(b).build())), (Names{"gated", "end.relu"}));
}

TEST(Places, NeedAClassifierWithConvolutions) {
  Builder mlp("mlp", 1, 4, 4, 1);
  mlp.exit(mlp.linear(mlp.flatten(mlp.input(), "flat"), 10, "fc"));
  expect_error(ErrorKind::kInvalidData, "network 'mlp': has no convolution",
               [graph = std::move(mlp).build()] { find_places(graph); });
  Builder map("map", 1, 4, 4, 1);
  map.exit(map.conv(map.input(), 2, {}, "c"));
  expect_error(ErrorKind::kInvalidData, "has the shape [1,2,4,4]: the network is not a classifier",
               [graph = std::move(map).build()] { find_places(graph); });
}

/// The residual network with another end.
Graph ending_in(const std::string& op, Names more = {}) {
  Graph graph = residual_network();
  more.insert(more.begin(), "logits");
  graph.nodes.push_back({op, "last", more, {"y"}, {}});
  graph.initializers.emplace("scale", Tensor({10}, std::vector<float>(10, 1.0f)));
  graph.outputs = {"y"};
  return graph;
}

TEST(Places, AreRefusedWhereTheNetworkMayBeNoClassifier) {
  for (Graph graph : {ending_in("Tanh"), ending_in("LayerNormalization", {"scale"})}) {
    expect_error(ErrorKind::kUsage, "output 'y': comes from node 'last'", [&] { find_places(graph); });
    expect_error(ErrorKind::kUsage, "--head", [&] { plan_exits(graph, {.after = {"pool"}}); });
    graph.head = Head::kLogits;
    EXPECT_EQ(find_places(graph).size(), 5u);
  }
  EXPECT_EQ(find_places(ending_in("Softmax")).size(), 5u);
  EXPECT_EQ(find_places(ending_in("Sigmoid")).size(), 5u);
  Graph detector = residual_network();
  detector.nodes.push_back({"Relu", "boxes", {"pool"}, {"boxes"}, {}});
  detector.outputs.emplace_back("boxes");
  expect_error(ErrorKind::kInvalidData,
               "network 'residual': has 2 outputs, 'logits' [1,10], 'boxes' [1,32,8,8]: it is not a classifier",
               [&] { find_places(detector); });
}

TEST(PlaceAfter, TakesAnyNodeThatGivesMaps) {
  const Graph graph = residual_network();
  const Place inside = place_after(graph, "unit1.a.relu");
  EXPECT_EQ(inside.macs_before, 1024 * 9 * (3 * 16 + 16 * 16));
  const Place whole = find_places(graph)[1];
  const Place end = place_after(graph, "unit1.relu");
  EXPECT_EQ(end.macs_before, whole.macs_before);
  EXPECT_EQ(end.macs_after, whole.macs_after);
}

TEST(PlaceAfter, SuggestsTheNearestNames) {
  const Graph graph = residual_network();
  expect_error(ErrorKind::kNotFound,
               "node 'unit1.rel': the network has no node of this name; did you mean 'unit1.relu', 'unit2.relu' or",
               [&] { place_after(graph, "unit1.rel"); });
  expect_error(ErrorKind::kNotFound, "did you mean 'unit2.b', 'unit2.bn' or 'unit2.fit'?",
               [&] { place_after(graph, "unit2."); });
  expect_error(ErrorKind::kUsage, "'flat' (Flatten): gives [1,64]", [&] { place_after(graph, "flat"); });
}

/// Places at these thousandths of a network, of equal cost unless given.
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

TEST(Spread, TakesTheCheapestNearby) {
  // The target is 500, and 50 more than the nearest is near.
  EXPECT_EQ(spread(places_at({430, 460, 490, 540, 555}, {0, 3, 9, 2, 1}), 1), Indices{4});
  EXPECT_EQ(spread(places_at({430, 460, 490, 540, 575}, {0, 3, 9, 2, 1}), 1), Indices{3});
  EXPECT_EQ(spread(places_at({460, 490, 510}, {5, 5, 5}), 1), Indices{1});
  // Places of equal shares: the pooling after a convolution.
  EXPECT_EQ(spread(places_at({300, 300, 600, 600}, {4, 1, 4, 1}), 2), (Indices{1, 3}));
}

TEST(Spread, IsTheBestOfAllSubsetsButForCheaperPlacesNearby) {
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

std::int64_t trunk_of(const Graph& graph) {
  const Place place = find_places(graph).front();
  return place.macs_before + place.macs_after;
}

std::int64_t parameters_of(const Graph& graph) {
  std::int64_t all = 0;
  for (const BlockCost& cost : block_costs(graph, partition(graph)))
    all += cost.conv_parameters + cost.branch_parameters;
  return all;
}

TEST(PlanExits, TakesTheLargestBranchWithinTheShare) {
  const Graph graph = residual_network();
  for (const double share : {0.004, 0.01, 0.03, 0.1}) {
    const auto limit = static_cast<std::int64_t>(share * static_cast<double>(trunk_of(graph)));
    for (const NewExit& exit : plan_exits(graph, {.max_branch_share = share})) {
      EXPECT_LE(exit.branch_macs, limit);
      EXPECT_EQ(exit.branch.hidden, 2 * exit.branch.channels);
      if (exit.branch.channels == 128 || exit.branch.convolutions == 0) continue;
      // 8x8 after pooling -> 4x4 of c channels -> 2c -> 10, with twice the channels.
      const std::int64_t c = 2 * exit.branch.channels;
      const std::int64_t in = exit.place.shape[0];
      const std::int64_t parameters = 9 * in * c + 2 * c + 16 * c * 2 * c + 2 * c + 2 * c * 10 + 10;
      const double most = 4 * share * static_cast<double>(parameters_of(graph));
      EXPECT_TRUE(16 * 9 * in * c + 16 * c * 2 * c + 2 * c * 10 > limit || static_cast<double>(parameters) > most)
          << exit.place.node;
      EXPECT_LE(static_cast<double>(exit.branch_parameters), most);
    }
  }
}

TEST(PlanExits, LeavesOutWhatDoesNotPay) {
  // After end.relu only 640 MACs remain.
  EXPECT_EQ(plan_exits(residual_network(), {}).size(), 4u);
  EXPECT_EQ(plan_exits(residual_network(), {.after = {"end.relu"}}).size(), 1u);
}

TEST(PlanExits, KeepsAllBranchesWithinAQuarterByDefault) {
  for (const Graph& graph : {residual_network(), dense_network()}) {
    std::int64_t branches = 0;
    for (const NewExit& exit : plan_exits(graph, {})) branches += exit.branch_macs;
    EXPECT_LE(4 * branches, trunk_of(graph));
  }
}

TEST(PlanExits, CountsTheNetworksOwnExit) {
  EXPECT_EQ(plan_exits(residual_network(), {.exits = 3}).size(), 2u);
  // However many are asked for, a branch may cost what it may in a network with exits at all places.
  for (const int exits : {6, 9, 1000}) {
    expect_error(ErrorKind::kUsage, std::to_string(exits) + " exits: the network has places for at most 5",
                 [&] { plan_exits(residual_network(), {.exits = exits}); });
  }
}

TEST(PlanExits, SpreadsByWhatItIsTold) {
  const Graph graph = residual_network();
  const std::vector<NewExit> all = plan_exits(graph, {});
  ASSERT_GE(all.size(), 3u);
  // As if everything before each place took no time: the first place is the one nearest to half of the time.
  const auto chosen = plan_exits(
      graph, {.exits = 2, .share_before = [&](const Place& p) { return p.value == all[0].place.value ? 0.5 : 0.95; }});
  ASSERT_EQ(chosen.size(), 1u);
  EXPECT_EQ(chosen[0].place.value, all[0].place.value);
  expect_error(ErrorKind::kUsage, "candidates are for every place",
               [&] { plan_exits(graph, {.exits = 3, .candidates = 2}); });
}

TEST(PlanExits, SortsTheNodesNamed) {
  const auto exits = plan_exits(residual_network(), {.after = {"unit2.relu", "stem.relu", "unit2.relu"}});
  ASSERT_EQ(exits.size(), 2u);
  EXPECT_EQ(exits[0].place.node, "stem.relu");
}

TEST(PlanExits, RefusesBranchesThatCostMoreThanTheNetwork) {
  const Graph graph = residual_network();
  const InsertionOptions large{
      .after = {"stem.relu", "unit1.relu"}, .channels = 512, .hidden = 1024, .max_branch_share = 50};
  expect_error(ErrorKind::kUsage, "2 branches: together they would cost", [&] { plan_exits(graph, large); });
  expect_error(ErrorKind::kUsage, "no exit pays", [&] { plan_exits(graph, {.max_branch_share = 1e-6}); });
  expect_error(ErrorKind::kUsage, "node 'pool': even the smallest branch costs more",
               [&] { plan_exits(graph, {.after = {"pool"}, .max_branch_share = 1e-6}); });
}

TEST(InsertExits, KeepsTheNetworkAndAddsBranches) {
  for (const Graph& graph : {residual_network(), dense_network()}) {
    const std::vector<NewExit> exits = plan_exits(graph, {});
    const Graph whole = insert_exits(graph, exits, 1);
    ASSERT_EQ(whole.outputs.size(), exits.size() + 1);
    EXPECT_EQ(whole.outputs.front(), "exit1");
    EXPECT_EQ(whole.outputs.back(), graph.outputs.front());
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      EXPECT_EQ(whole.nodes[i].name, graph.nodes[i].name);
      EXPECT_EQ(whole.nodes[i].inputs, graph.nodes[i].inputs);
    }
    for (const auto& [name, tensor] : graph.initializers) EXPECT_EQ(whole.initializers.at(name).data, tensor.data);
    const std::vector<Block> blocks = partition(whole);
    const std::vector<BlockCost> costs = block_costs(whole, blocks);
    std::int64_t before = 0;
    for (std::size_t i = 0; i < exits.size(); ++i) {
      before += costs[i].conv_macs;
      EXPECT_EQ(blocks[i].output, whole.outputs[i]);
      EXPECT_EQ(before, exits[i].place.macs_before);
      EXPECT_EQ(costs[i].branch_macs, exits[i].branch_macs);
      EXPECT_EQ(costs[i].branch_parameters, exits[i].branch_parameters);
    }
    EXPECT_EQ(costs.back().branch_macs, exits.back().place.macs_after);
  }
}

TEST(InsertExits, PoolsTokensAndChannelsLastMaps) {
  for (const Graph& graph : {token_network(), channels_last_network()}) {
    const std::vector<NewExit> exits = plan_exits(graph, {.max_branch_share = 0.2});
    ASSERT_GE(exits.size(), 2u);
    const Graph whole = insert_exits(graph, exits, 1);
    const Shapes shapes = infer_shapes(whole, 3);
    for (std::size_t i = 0; i < exits.size(); ++i) {
      const std::string name = "exit" + std::to_string(i + 1);
      EXPECT_EQ(exits[i].branch.convolutions, 0);
      EXPECT_EQ(shapes.at(name + ".mean"), (Shape{3, 8})) << graph.name;
      EXPECT_EQ(shapes.at(name), (Shape{3, 4}));
    }
    EXPECT_EQ(partition(whole).back().output, "logits");
  }
}

TEST(InsertExits, PoolsMapsWhereAskedTo) {
  const Graph graph = residual_network();
  const auto exits = plan_exits(graph, {.exits = 3, .convolutions = 0});
  const Graph whole = insert_exits(graph, exits, 1);
  EXPECT_EQ(infer_shapes(whole, 1).at("exit1.mean"), (Shape{1, exits[0].place.shape[0]}));
}

TEST(InsertExits, GivesWayToNoName) {
  const Graph graph = residual_network("exit1");
  const Graph whole = insert_exits(graph, plan_exits(graph, {.exits = 3}), 1);
  EXPECT_EQ(whole.outputs, (Names{"exit1", "exit2", "exit3"}));
  EXPECT_EQ(partition(whole).back().output, "exit3");
}

TEST(PlanExits, PutsALadderOfBranchesAtTheInput) {
  const Graph graph = residual_network();
  const auto trunk = static_cast<double>(trunk_of(graph));
  const auto exits = plan_exits(graph, {.input_exits = 4});
  ASSERT_GE(exits.size(), 3u);
  EXPECT_EQ(exits[0].place.node, "input");
  EXPECT_EQ(exits[0].place.macs_before, 0);
  EXPECT_EQ(exits[0].branch_macs, 8 * 8 * 3 * 10);
  for (std::size_t i = 1; i < exits.size() && exits[i].place.node == "input"; ++i) {
    EXPECT_GT(exits[i].branch_macs, exits[i - 1].branch_macs);
    EXPECT_LE(static_cast<double>(exits[i].branch_macs), 0.04 * trunk);
  }
  EXPECT_EQ(plan_exits(graph, {.exits = 4, .input_exits = 1}).size(), 3u);
  expect_error(ErrorKind::kUsage, "5 exits at the input", [&] { plan_exits(graph, {.input_exits = 5}); });
  expect_error(ErrorKind::kUsage, "are 2 already", [&] { plan_exits(graph, {.exits = 2, .input_exits = 1}); });
  expect_error(ErrorKind::kUsage, "even the smallest costs more",
               [] { plan_exits(token_network(), {.input_exits = 1, .max_branch_share = 0.2}); });
}

TEST(InsertExits, FitsBranchesToImagesOfAllSizes) {
  for (const auto& [height, width] : std::vector<std::pair<int, int>>{{1, 1}, {1, 8}, {8, 8}, {5, 64}, {224, 224}}) {
    for (const int convolutions : {0, 2}) {
      Builder net("image", 1, height, width, 1);
      const BranchShape branch{.convolutions = convolutions, .fully_connected = 1, .channels = 4, .pixels = 16};
      net.exit(append_branch(net, net.input(), 10, branch, "exit"));
      const Graph graph = std::move(net).build();
      EXPECT_EQ(infer_shapes(graph, 2).at("exit1"), (Shape{2, 10})) << height << "x" << width;
      // Pooling bounds the cost, whatever the image's size.
      EXPECT_LT(block_costs(graph, partition(graph)).front().branch_macs, 60000);
    }
  }
}

TEST(PlanExits, OffersSeveralSizesPerPlace) {
  const auto exits = plan_exits(residual_network(), {.candidates = 3});
  std::map<std::string, std::int64_t> last;
  for (const NewExit& exit : exits) {
    EXPECT_GT(exit.branch_macs, last[exit.place.value]);
    last[exit.place.value] = exit.branch_macs;
  }
  EXPECT_TRUE(last.contains("in") || last.contains("input"));
  EXPECT_GT(exits.size(), last.size());
}

TEST(InsertExits, AddsExitsBetweenThoseThereAre) {
  Graph before = residual_network();
  before = insert_exits(before, plan_exits(before, {.after = {"unit1.relu", "pool"}}), 1);
  before.untrained.clear();
  const auto exits = plan_exits(before, {.after = {"unit2.relu"}, .input_exits = 2});
  EXPECT_EQ(exit_numbers(before, exits), (std::vector<int>{1, 2, 4}));
  const Graph after = insert_exits(before, exits, 2);
  EXPECT_EQ(after.outputs, (Names{"exit1", "exit2", "exit3", "exit4", "exit5", "logits"}));
  EXPECT_EQ(after.untrained, (std::set<std::string>{"exit1", "exit2", "exit4"}));
  const std::vector<Block> blocks = partition(after);
  for (std::size_t i = 0; i < blocks.size(); ++i) EXPECT_EQ(blocks[i].output, after.outputs[i]);
  EXPECT_TRUE(blocks[0].conv_part.empty());
  EXPECT_TRUE(blocks[1].conv_part.empty());
  for (const auto& [name, tensor] : before.initializers) {
    std::string now = name;
    if (name.starts_with("exit1.")) now.replace(0, 5, "exit3");
    if (name.starts_with("exit2.")) now.replace(0, 5, "exit5");
    EXPECT_EQ(after.initializers.at(now).data, tensor.data) << name;
  }
  expect_error(ErrorKind::kInvalidData, "has 3 exits already", [&] { plan_exits(before, {}); });
}

TEST(WithNewClasses, ReplacesTheLayerThatGivesThem) {
  const Graph before = residual_network();
  const Graph after = with_new_classes(before, 3, 1);
  EXPECT_EQ(after.outputs, before.outputs);
  EXPECT_EQ(infer_shapes(after, 2).at("logits"), (Shape{2, 3}));
  EXPECT_EQ(after.untrained, (std::set<std::string>{"logits"}));
  EXPECT_EQ(after.initializers.at("end.conv.weight").data, before.initializers.at("end.conv.weight").data);
  const Graph whole = insert_exits(after, plan_exits(after, {.exits = 3}), 1);
  EXPECT_EQ(infer_shapes(whole, 1).at("exit1"), (Shape{1, 3}));
}

TEST(KeepExits, DropsTheTrunkBehindTheLast) {
  const Graph graph = residual_network();
  const Graph whole = insert_exits(graph, plan_exits(graph, {.input_exits = 2}), 1);
  const Graph two = keep_exits(whole, {"exit2", "exit4"});
  EXPECT_EQ(two.outputs, (Names{"exit2", "exit4"}));
  EXPECT_FALSE(two.initializers.contains("plain.conv.weight"));
  EXPECT_FALSE(two.initializers.contains("exit3.fc.weight"));
  EXPECT_EQ(two.untrained, (std::set<std::string>{"exit2", "exit4"}));
  EXPECT_EQ(partition(two).back().output, "exit4");
  expect_error(ErrorKind::kInvalidData, "'exit9': is not an exit", [&] { keep_exits(whole, {"exit9"}); });
}

TEST(InsertExits, ASeedIsANetwork) {
  const Graph graph = residual_network();
  const auto exits = plan_exits(graph, {.exits = 2});
  const auto weights = [&](std::uint64_t seed) {
    return insert_exits(graph, exits, seed).initializers.at("exit1.fc.weight").floats();
  };
  EXPECT_EQ(weights(1), weights(1));
  EXPECT_NE(weights(1), weights(2));
}

}  // namespace
}  // namespace einet::graph
