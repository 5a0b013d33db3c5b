#include "zoo/zoo.h"

#include <algorithm>
#include <stdexcept>

#include "expect_error.h"
#include "zoo/network_cost.h"

namespace einet::zoo {
namespace {

NetworkOptions with(std::map<std::string, std::string> parameters) { return {.parameters = std::move(parameters)}; }

const NamedNetwork& network(const std::string& name) {
  const auto found = std::ranges::find(networks(), name, &NamedNetwork::name);
  if (found == networks().end()) throw std::runtime_error(name);
  return *found;
}

TEST(Zoo, ExplicitDefaultsGiveTheSameNetwork) {
  for (const Family& family : families()) {
    std::map<std::string, std::string> spelled_out;
    for (const Parameter& parameter : family.parameters) spelled_out[parameter.name] = parameter.default_value;
    const graph::Graph graph = family.build({.seed = std::nullopt});
    EXPECT_EQ(graph.name, family.name);
    EXPECT_EQ(family.build({.seed = std::nullopt, .parameters = spelled_out}).nodes.size(), graph.nodes.size());
  }
}

TEST(Zoo, EveryNetworkAcceptsBothImageSizesAndAnyClasses) {
  for (const NamedNetwork& network : networks()) {
    EXPECT_FALSE(network.summary.empty());
    for (const NetworkOptions& options :
         {NetworkOptions{.channels = 1, .height = 28, .width = 28, .classes = 100, .seed = std::nullopt},
          NetworkOptions{.classes = 7, .seed = std::nullopt}}) {
      const graph::Graph graph = build(network.name, options);
      EXPECT_EQ(graph.name, network.name);
      const graph::Shapes shapes = graph::infer_shapes(graph, 2);
      for (const std::string& output : graph.outputs) {
        EXPECT_EQ(shapes.at(output), (graph::Shape{2, options.classes})) << network.name;
      }
      EXPECT_EQ(graph::partition(graph).size(), graph.outputs.size());
    }
  }
}

TEST(Zoo, NetworksHaveAsManyExitsAsInThePaper) {
  const std::map<std::string, std::size_t> exits = {{"b-alexnet", 3}, {"flexvgg16", 5}, {"vgg16", 14},
                                                    {"resnet50", 6},  {"msdnet21", 21}, {"msdnet40", 40}};
  for (const auto& [name, count] : exits) {
    EXPECT_EQ(build(name, {.seed = std::nullopt}).outputs.size(), count) << name;
  }
}

// The baselines of figure 9: the same trunk with the last exit only; and this with half the channels, about a quarter
// of the work.
TEST(Zoo, BaselinesAreTheTrunkAlone) {
  for (const NamedNetwork& classic : networks()) {
    const std::string suffix = "-classic";
    if (!classic.name.ends_with(suffix)) continue;
    const std::string whole = classic.name.substr(0, classic.name.size() - suffix.size());
    const auto cost = [](const std::string& name) { return sum(costs_of(build(name, {.seed = std::nullopt}))); };
    const auto exits = costs_of(build(whole, {.seed = std::nullopt}));
    std::int64_t trunk = exits.back().branch_macs;
    for (const graph::BlockCost& block : exits) trunk += block.conv_macs;
    EXPECT_EQ(build(classic.name, {.seed = std::nullopt}).outputs.size(), 1u);
    EXPECT_EQ(macs(cost(classic.name)), trunk) << classic.name;
    const double share = static_cast<double>(macs(cost(whole + "-compressed"))) / static_cast<double>(trunk);
    EXPECT_GT(share, 0.2) << whole;
    EXPECT_LT(share, 0.45) << whole;  // Few channels are rounded up.
  }
}

TEST(Zoo, SizesForACpuAreMuchCheaper) {
  for (const char* name : {"flexvgg16", "vgg16", "resnet50", "msdnet21", "msdnet40"}) {
    const auto full = sum(costs_of(build(name, {.seed = std::nullopt})));
    const auto small = sum(costs_of(build(std::string(name) + "-small", {.seed = std::nullopt})));
    EXPECT_LT(macs(small), 0.35 * static_cast<double>(macs(full))) << name;
  }
}

TEST(Zoo, UserParametersOverrideThePreset) {
  EXPECT_EQ(build("msdnet21", {.seed = std::nullopt, .parameters = {{"blocks", "3"}}}).outputs.size(), 3u);
  EXPECT_EQ(build("resnet50", {.seed = std::nullopt, .parameters = {{"exits", "units"}}}).outputs.size(), 17u);
  EXPECT_EQ(network("msdnet21").preset.at("blocks"), "21");
}

TEST(Zoo, WithoutASeedOnlyTheWeightsDiffer) {
  const graph::Graph drawn = build("b-alexnet", {});
  const graph::Graph counted = build("b-alexnet", {.seed = std::nullopt});
  ASSERT_EQ(counted.initializers.size(), drawn.initializers.size());
  for (const auto& [name, tensor] : drawn.initializers) EXPECT_EQ(counted.initializers.at(name).shape, tensor.shape);
  EXPECT_EQ(counted.initializers.at("conv1.weight").floats()[0], 0.0f);
}

TEST(Zoo, TheSeedDeterminesTheWeights) {
  const auto weights = [](std::uint64_t seed) {
    const graph::Graph graph = build("b-alexnet", {.seed = seed});
    for (const graph::Node& node : graph.nodes) {
      if (node.op == "Conv") return graph.constant(node.inputs[1])->floats();
    }
    return std::vector<float>();
  };
  EXPECT_EQ(weights(1), weights(1));
  EXPECT_NE(weights(1), weights(2));
}

TEST(Zoo, SuggestsTheNearestName) {
  expect_error(ErrorKind::kUsage, "did you mean 'msdnet'?", [] { build("msdnt", {}); });
  expect_error(ErrorKind::kUsage, "did you mean 'vgg16-small'?", [] { build("vgg16-smal", {}); });
  expect_error(ErrorKind::kUsage, "einet model list", [] { build("transformer-xl", {}); });
  expect_error(ErrorKind::kUsage, "did you mean 'blocks'?", [] { build("msdnet", with({{"block", "3"}})); });
  expect_error(ErrorKind::kUsage, "no parameter 'zzzzzz'", [] { build("msdnet", with({{"zzzzzz", "3"}})); });
}

TEST(Zoo, ErrorsNameTheRange) {
  for (const char* bad : {"0", "201", "-1", "3.5", "x", "", " 3", "99999999999999"}) {
    expect_error(ErrorKind::kUsage, "msdnet blocks: '" + std::string(bad) + "' given, but a whole number from 1 to 200",
                 [&] {
                   build("msdnet", with({{"blocks", bad}}));
                 });
  }
  expect_error(ErrorKind::kUsage, "'conv-fc' or 'stock' expected", [] { build("msdnet", with({{"branch", "fc"}})); });
  expect_error(ErrorKind::kUsage, "reduction: 'nan' given", [] { build("msdnet", with({{"reduction", "nan"}})); });
  expect_error(ErrorKind::kUsage, "classes", [] { build("msdnet", {.classes = 1}); });
  expect_error(ErrorKind::kUsage, "input height", [] { build("msdnet", {.height = 0}); });
}

}  // namespace
}  // namespace einet::zoo
