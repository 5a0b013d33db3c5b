#include "einet/zoo/zoo.h"

#include "expect_error.h"

namespace einet::zoo {
namespace {

NetworkOptions with(std::map<std::string, std::string> parameters) { return {.parameters = std::move(parameters)}; }

TEST(Zoo, DefaultsOfEveryFamilyBuild) {
  for (const Family& family : families()) {
    EXPECT_FALSE(family.summary.empty());
    std::map<std::string, std::string> spelled_out;
    for (const Parameter& parameter : family.parameters) spelled_out[parameter.name] = parameter.default_value;
    const graph::Graph graph = build(family.name, {});
    EXPECT_EQ(graph.name, family.name);
    EXPECT_EQ(build(family.name, with(spelled_out)).nodes.size(), graph.nodes.size());
  }
}

TEST(Zoo, ASeedGivesOneNetwork) {
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

TEST(Zoo, RefusesWhatItDoesNotKnow) {
  expect_error(ErrorKind::kUsage, "did you mean 'msdnet'?", [] { build("msdnt", {}); });
  expect_error(ErrorKind::kUsage, "einet model list", [] { build("transformer-xl", {}); });
  expect_error(ErrorKind::kUsage, "did you mean 'blocks'?", [] { build("msdnet", with({{"block", "3"}})); });
  expect_error(ErrorKind::kUsage, "no parameter 'zzzzzz'", [] { build("msdnet", with({{"zzzzzz", "3"}})); });
}

TEST(Zoo, NamesTheRange) {
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
