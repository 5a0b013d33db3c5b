#include "exec/layout/layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "exec/lowering/fuse.h"
#include "exec/lowering/lower.h"
#include "exec/networks.h"
#include "zoo/zoo.h"

namespace einet::exec {
namespace {

Layout laid_out(const graph::Graph& graph) {
  Network network = lower(prepare(graph, 1));
  fuse(network);
  return place(std::move(network));
}

// The copies of a layout: number of channels, and part.
std::vector<std::pair<std::int64_t, int>> copies(const Layout& layout) {
  std::vector<std::pair<std::int64_t, int>> result;
  for (const PlacedOperation& placed : layout.operations) {
    if (!std::holds_alternative<Copy>(placed.operation.kind)) continue;
    result.emplace_back(placed.output.channels, placed.operation.part);
  }
  return result;
}

class Layouts : public testing::Test {
 protected:
  std::string conv(const std::string& x, std::int64_t channels, std::int64_t kernel) {
    const graph::Shape shape = {channels, make_.shape(x)[1], kernel, kernel};
    const auto count = static_cast<std::size_t>(graph::element_count(shape));
    return make_.add("Conv", {x, make_.weight(shape, std::vector<float>(count, 0.1f))},
                     {{"pads", std::vector<std::int64_t>(4, kernel / 2)}});
  }
  std::string concat(const std::vector<std::string>& xs) {
    return make_.add("Concat", xs, {{"axis", std::int64_t{1}}});
  }
  void exit(const std::string& x) { make_.exit(make_.add("Flatten", {make_.add("GlobalAveragePool", {x})})); }

  GraphMaker make_{{-1, 3, 8, 8}};
};

// DenseNet with bottlenecks: the channels that each layer adds are copied once (3x3 convolutions write densely), all
// others never.
TEST_F(Layouts, ChainOfConcatenationsSharesOneBuffer) {
  std::string x = conv("input", 16, 1);
  for (int layer = 0; layer < 3; ++layer) x = concat({x, conv(conv(x, 8, 1), 4, 3)});
  exit(x);
  const Layout layout = laid_out(make_.build());
  EXPECT_EQ(copies(layout), (std::vector<std::pair<std::int64_t, int>>(3, {4, 1})));
  std::map<int, std::vector<std::int64_t>> prefixes;
  for (const PlacedOperation& placed : layout.operations) {
    if (!is_pointwise(placed.operation) || placed.inputs[0].channels == 3) continue;
    EXPECT_EQ(placed.inputs[0].stride, 28);
    EXPECT_EQ(placed.inputs[0].offset, 0);
    prefixes[placed.inputs[0].buffer].push_back(placed.inputs[0].channels);
  }
  ASSERT_EQ(prefixes.size(), 1u);
  EXPECT_EQ(prefixes.begin()->second, (std::vector<std::int64_t>{16, 20, 24}));
}

// 1x1 convolutions and pooling can write slices.
TEST_F(Layouts, CopiesNothingIfAllCanWriteSlices) {
  const std::string x = conv("input", 8, 1);
  const std::string pooled = make_.add(
      "MaxPool", {x}, {{"kernel_shape", std::vector<std::int64_t>{3, 3}}, {"pads", std::vector<std::int64_t>(4, 1)}});
  exit(concat({x, conv(x, 4, 1), pooled}));
  EXPECT_TRUE(copies(laid_out(make_.build())).empty());
}

// The copy of the trunk's concatenation for a branch's 3x3 convolution is part of the branch and is skipped with it.
TEST_F(Layouts, BranchesMakeTheirOwnCopies) {
  std::string x = concat({conv("input", 8, 1), conv("input", 4, 1)});
  exit(conv(x, 5, 3));
  x = concat({x, conv(x, 4, 1)});
  exit(x);
  EXPECT_EQ(copies(laid_out(make_.build())), (std::vector<std::pair<std::int64_t, int>>{{12, 1}}));
}

// Two branches that both need a copy share one, which is part of the trunk, because either branch may be skipped.
TEST_F(Layouts, CopiesForSeveralPartsAreInTheTrunk) {
  std::string x = concat({conv("input", 8, 1), conv("input", 4, 1)});
  exit(conv(x, 5, 3));
  exit(conv(x, 6, 3));
  std::string y = concat({x, conv(x, 4, 1)});
  exit(conv(y, 7, 1));
  exit(y);
  const auto all = copies(laid_out(make_.build()));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].first, 12);
  EXPECT_EQ(all[0].second % 2, 0) << "in a branch";
}

TEST_F(Layouts, BranchesNeverTakeThePrefixFromTheTrunk) {
  const std::string x = conv("input", 8, 1);
  exit(concat({x, conv(x, 4, 1)}));  // Comes first, but may be skipped.
  const std::string next = concat({x, conv(x, 6, 1)});
  exit(conv(next, 3, 1));
  exit(next);
  const auto all = copies(laid_out(make_.build()));
  EXPECT_EQ(all, (std::vector<std::pair<std::int64_t, int>>{{8, 1}}));
}

TEST_F(Layouts, CopiesAValueOnceIfItOccursTwiceInAConcatenation) {
  const std::string x = conv("input", 8, 1);
  exit(concat({x, x}));
  EXPECT_EQ(copies(laid_out(make_.build())), (std::vector<std::pair<std::int64_t, int>>{{8, 1}}));
}

TEST(Layout, TheTrunkOfMsdNetOnlyCopiesNewChannels) {
  zoo::NetworkOptions options;
  options.channels = 1;
  options.height = options.width = 28;
  options.parameters = {{"blocks", "12"}, {"base", "2"}, {"step", "1"}, {"channels", "8"}, {"growth", "5"}};
  const Layout layout = laid_out(zoo::build("msdnet", options));
  std::int64_t copied = 0, convolved = 0;
  for (const PlacedOperation& placed : layout.operations) {
    const bool trunk = placed.operation.part % 2 == 0;
    if (!trunk) continue;
    const std::int64_t floats = placed.output.pixels * placed.output.channels;
    if (std::holds_alternative<Copy>(placed.operation.kind)) copied += floats;
    if (std::holds_alternative<Convolution>(placed.operation.kind) && !is_pointwise(placed.operation)) {
      convolved += floats;
    }
  }
  EXPECT_GT(copied, 0);
  EXPECT_LE(copied, convolved);
}

}  // namespace
}  // namespace einet::exec
