#include "graph/partition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "expect_error.h"
#include "graph/networks.h"

namespace einet::graph {
namespace {

Node node(const std::string& name, std::vector<std::string> inputs, const std::string& op = "Concat") {
  return {op, name, std::move(inputs), {name}, {}};
}

Graph make(std::vector<Node> nodes, std::vector<std::string> outputs) {
  Graph graph;
  graph.inputs = {{"in", {-1, 1}}};
  graph.nodes = std::move(nodes);
  graph.outputs = std::move(outputs);
  return graph;
}

using Names = std::vector<std::string>;

Names names(const Graph& graph, const std::vector<int>& nodes) {
  Names result;
  for (const int i : nodes) result.push_back(graph.nodes[i].name);
  return result;
}

TEST(Partition, Chain) {
  const Graph graph = make(
      {node("a", {"in"}), node("x", {"a"}), node("b", {"a"}), node("y", {"b"}), node("c", {"b"}), node("z", {"c"})},
      {"x", "y", "z"});
  const auto blocks = partition(graph);
  ASSERT_EQ(blocks.size(), 3u);
  EXPECT_EQ(names(graph, blocks[0].conv_part), Names{"a"});
  EXPECT_EQ(names(graph, blocks[0].branch), Names{"x"});
  EXPECT_EQ(names(graph, blocks[1].conv_part), Names{"b"});
  EXPECT_EQ(names(graph, blocks[1].branch), Names{"y"});
  EXPECT_EQ(names(graph, blocks[2].conv_part), Names{});
  EXPECT_EQ(names(graph, blocks[2].branch), (Names{"c", "z"}));
}

TEST(Partition, OrdersExitsByDepthNotByFileOrBranchSize) {
  const Graph graph = make({node("a", {"in"}), node("x1", {"a"}), node("x2", {"x1"}), node("x3", {"x2"}),
                            node("x4", {"x3"}), node("b", {"a"}), node("y", {"b"}), node("c", {"b"}), node("z", {"c"})},
                           {"y", "z", "x4"});
  const auto blocks = partition(graph);
  EXPECT_EQ(blocks[0].output, "x4");
  EXPECT_EQ(blocks[1].output, "y");  // Shares a, b with the others, as z does: the order of the file.
  EXPECT_EQ(blocks[2].output, "z");
}

// x(a), y(b), z(d): the last two share a and b with others, and the rest of the file determines which is which.
TEST(Partition, ResolvesTiesBackwardsInAReversedFile) {
  const std::vector<Node> nodes = {node("a", {"in"}), node("x", {"a"}), node("b", {"a"}), node("y", {"b"}),
                                   node("c", {"b"}),  node("d", {"c"}), node("z", {"d"})};
  for (const Names& outputs : {Names{"x", "y", "z"}, Names{"z", "y", "x"}}) {
    const auto blocks = partition(make(nodes, outputs));
    EXPECT_EQ(blocks[0].output, "x");
    EXPECT_EQ(blocks[1].output, "y");
    EXPECT_EQ(blocks[2].output, "z");
  }
}

TEST(Partition, TheDeeperOfTwoExitsHasMoreLayers) {
  const std::vector<Node> nodes = {node("a", {"in"}), node("x", {"a"}, "Gemm"), node("b", {"a"}, "Conv"),
                                   node("y", {"b"}, "Gemm")};
  for (const Names& outputs : {Names{"x", "y"}, Names{"y", "x"}}) {
    const Graph graph = make(nodes, outputs);
    const auto blocks = partition(graph);
    EXPECT_EQ(blocks[0].output, "x");
    EXPECT_EQ(names(graph, blocks[1].branch), (Names{"b", "y"}));
  }
}

TEST(Partition, AnExitOnThePathToAnotherComesFirst) {
  for (const Names& outputs : {Names{"b", "c"}, Names{"c", "b"}}) {
    const Graph graph = make({node("a", {"in"}), node("b", {"a"}), node("c", {"b"})}, outputs);
    const auto blocks = partition(graph);
    EXPECT_EQ(blocks[0].output, "b");
    EXPECT_EQ(names(graph, blocks[0].conv_part), (Names{"a", "b"}));
    EXPECT_TRUE(blocks[0].branch.empty());
    EXPECT_EQ(names(graph, blocks[1].branch), Names{"c"});
  }
}

// A part shared by two branches is executed when the first needs it, even if that branch is not executed.
TEST(Partition, BranchesMayShareParts) {
  const Graph graph = make({node("a", {"in"}), node("head", {"a"}), node("x", {"head"}), node("b", {"a"}),
                            node("y", {"b", "head"}), node("c", {"b"}), node("z", {"c"})},
                           {"x", "y", "z"});
  const auto blocks = partition(graph);
  EXPECT_EQ(names(graph, blocks[0].conv_part), (Names{"a", "head"}));
  EXPECT_EQ(names(graph, blocks[0].branch), Names{"x"});
  EXPECT_EQ(names(graph, blocks[1].conv_part), Names{"b"});
  EXPECT_EQ(names(graph, blocks[1].branch), Names{"y"});
  EXPECT_EQ(names(graph, blocks[2].branch), (Names{"c", "z"}));
}

TEST(Partition, ASingleExitIsOneBranch) {
  const Graph graph = make({node("a", {"in"}), node("b", {"a"})}, {"b"});
  const auto blocks = partition(graph);
  ASSERT_EQ(blocks.size(), 1u);
  EXPECT_TRUE(blocks[0].conv_part.empty());
  EXPECT_EQ(names(graph, blocks[0].branch), (Names{"a", "b"}));
}

TEST(Partition, AnExitOnTheTrunkHasNoBranch) {
  const Graph graph = make({node("a", {"in"}), node("b", {"a"})}, {"a", "b"});
  const auto blocks = partition(graph);
  EXPECT_EQ(names(graph, blocks[0].conv_part), Names{"a"});
  EXPECT_TRUE(blocks[0].branch.empty());
  EXPECT_EQ(names(graph, blocks[1].branch), Names{"b"});
}

TEST(Partition, DeadNodesBelongToNoBlock) {
  const Graph graph = make({node("a", {"in"}), node("dead", {"a"}), node("b", {"a"})}, {"b"});
  EXPECT_EQ(names(graph, partition(graph)[0].branch), (Names{"a", "b"}));
}

TEST(Partition, FindsSoftmaxBeforeReshapes) {
  const Graph graph = make(
      {node("s", {"in"}, "Softmax"), node("i", {"s"}, "Identity"), node("d", {"i"}, "Dropout"), node("logits", {"d"})},
      {"d", "logits"});
  const auto blocks = partition(graph);
  EXPECT_EQ(blocks[0].head, Head::kSoftmax);
  EXPECT_EQ(blocks[1].head, Head::kLogits);
}

TEST(Partition, ValidatesFirst) {
  const Graph graph = make({node("a", {"nowhere"})}, {"a"});
  expect_error(ErrorKind::kInvalidData, "reads 'nowhere'", [&] { partition(graph); });
}

// The definition of docs/definitions.md, with sets.
class Oracle {
 public:
  /// Exits in the order of `blocks`.
  Oracle(const Graph& graph, const std::vector<Block>& blocks) : graph_(graph) {
    for (const Block& block : blocks) exits_.push_back({block.output, ancestors(block.output)});
  }

  // The number of ancestors on the path to the longest exit. No node here has weights, so the longest is the one with
  // the most nodes that others also need, then the one with the most nodes. Its own depth is that of the next deepest.
  std::vector<std::size_t> depths() const {
    const auto length = [&](const std::string& output) {
      const std::set<std::string> needs = ancestors(output);
      const auto shared = std::ranges::count_if(needs, [&](const std::string& node) {
        return std::ranges::any_of(exits_, [&](const Exit& e) { return e.output != output && e.needs.contains(node); });
      });
      return std::pair(shared, needs.size());
    };
    std::size_t longest = 0, deepest = 0;
    for (std::size_t i = 1; i < graph_.outputs.size(); ++i) {
      if (length(graph_.outputs[i]) > length(graph_.outputs[longest])) longest = i;
    }
    const std::set<std::string> way = ancestors(graph_.outputs[longest]);
    std::vector<std::size_t> depths;
    for (const Exit& exit : exits_) {
      depths.push_back(0);
      if (exit.output == graph_.outputs[longest]) continue;
      for (const std::string& node : exit.needs) depths.back() += way.contains(node);
      deepest = std::max(deepest, depths.back());
    }
    for (std::size_t i = 0; i < exits_.size(); ++i) {
      if (exits_[i].output == graph_.outputs[longest]) depths[i] = deepest;
    }
    return depths;
  }

  std::set<std::string> conv_part(std::size_t i) const {
    std::set<std::string> part;
    for (const std::string& node : exits_[i].needs) {
      if (needed_later(node, i)) part.insert(node);
    }
    for (std::size_t j = 0; j < i; ++j) {
      for (const std::string& node : conv_part(j)) part.erase(node);
    }
    return part;
  }

  std::set<std::string> branch(std::size_t i) const {
    std::set<std::string> part;
    for (const std::string& node : exits_[i].needs) {
      if (!needed_later(node, i)) part.insert(node);
    }
    for (std::size_t j = 0; j < i; ++j) {
      for (const std::string& node : conv_part(j)) part.erase(node);
    }
    return part;
  }

 private:
  struct Exit {
    std::string output;
    std::set<std::string> needs;
  };

  std::set<std::string> ancestors(const std::string& value) const {
    for (const Node& node : graph_.nodes) {
      if (node.name != value) continue;
      std::set<std::string> all = {value};
      for (const std::string& input : node.inputs) all.merge(ancestors(input));
      return all;
    }
    return {};
  }
  bool needed_later(const std::string& node, std::size_t exit) const {
    for (std::size_t j = exit + 1; j < exits_.size(); ++j) {
      if (exits_[j].needs.contains(node)) return true;
    }
    return false;
  }

  const Graph& graph_;
  std::vector<Exit> exits_;
};

Graph random_graph(std::mt19937& random) {
  const int count = 2 + static_cast<int>(random() % 18);
  std::vector<Node> nodes;
  Names values = {"in"};
  for (int i = 0; i < count; ++i) {
    Names inputs;
    const int fan_in = 1 + static_cast<int>(random() % 3);
    for (int k = 0; k < fan_in; ++k) {
      // Mostly near, so that graphs are deep like networks.
      const std::size_t back = random() % std::min<std::size_t>(values.size(), random() % 4 == 0 ? 100 : 3);
      inputs.push_back(values[values.size() - 1 - back]);
    }
    nodes.push_back(node(std::string("n").append(std::to_string(i)), inputs));
    values.push_back(nodes.back().name);
  }
  values.erase(values.begin());
  std::shuffle(values.begin(), values.end(), random);
  values.resize(1 + random() % std::min<std::size_t>(values.size(), 6));
  return make(std::move(nodes), std::move(values));
}

TEST(Partition, AgreesWithTheDefinitionOnRandomGraphs) {
  std::mt19937 random(11);
  for (int round = 0; round < 3000; ++round) {
    const Graph graph = random_graph(random);
    const auto blocks = partition(graph);
    const Oracle oracle(graph, blocks);
    const std::vector<std::size_t> depths = oracle.depths();
    ASSERT_TRUE(std::is_sorted(depths.begin(), depths.end()));
    std::set<std::string> outputs(graph.outputs.begin(), graph.outputs.end());
    ASSERT_EQ(blocks.size(), graph.outputs.size());
    std::set<int> done;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      ASSERT_EQ(outputs.erase(blocks[i].output), 1u);
      const Names conv = names(graph, blocks[i].conv_part), branch = names(graph, blocks[i].branch);
      ASSERT_EQ(std::set<std::string>(conv.begin(), conv.end()), oracle.conv_part(i));
      ASSERT_EQ(std::set<std::string>(branch.begin(), branch.end()), oracle.branch(i));
      ASSERT_TRUE(std::is_sorted(blocks[i].conv_part.begin(), blocks[i].conv_part.end()));
      ASSERT_TRUE(std::is_sorted(blocks[i].branch.begin(), blocks[i].branch.end()));
      // The purpose of the partition: branch i can run after only the conv parts up to i.
      const auto produced_by = producers(graph);
      done.insert(blocks[i].conv_part.begin(), blocks[i].conv_part.end());
      std::set<int> with_branch = done;
      with_branch.insert(blocks[i].branch.begin(), blocks[i].branch.end());
      for (const int n : with_branch) {
        for (const std::string& value : graph.nodes[n].inputs) {
          if (value != "in") {
            ASSERT_TRUE(with_branch.contains(produced_by.at(value)));
          }
        }
      }
      ASSERT_TRUE(with_branch.contains(produced_by.at(blocks[i].output)));
    }
  }
}

}  // namespace
}  // namespace einet::graph
