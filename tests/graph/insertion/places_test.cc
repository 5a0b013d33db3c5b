#include <gtest/gtest.h>

#include "expect_error.h"
#include "graph/head.h"
#include "graph/insertion.h"
#include "graph/insertion/convolutional_networks.h"
#include "graph/networks.h"

namespace einet::graph {
namespace {

using Names = std::vector<std::string>;

Names ends(const std::vector<Place>& places) {
  Names names;
  for (const Place& place : places) names.push_back(place.node);
  return names;
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

// An MLP-Mixer mixes positions by a product between two transpositions.
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

// A gate's convolutions of a pooled map are not a conv part: there is no place before the gate, but one after it.
TEST(Places, AreNotInsideAGate) {
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

/// The residual network with another last operator.
Graph ending_in(const std::string& op, Names more = {}) {
  Graph graph = residual_network();
  more.insert(more.begin(), "logits");
  graph.nodes.push_back({op, "last", more, {"y"}, {}});
  graph.initializers.emplace("scale", Tensor({10}, std::vector<float>(10, 1.0f)));
  graph.outputs = {"y"};
  return graph;
}

TEST(Places, NeedAHeadIfTheNetworkMayNotBeAClassifier) {
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

TEST(PlaceAfter, AcceptsAnyNodeWithMaps) {
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

}  // namespace
}  // namespace einet::graph
