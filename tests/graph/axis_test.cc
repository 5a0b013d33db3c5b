#include "graph/axis.h"

#include "expect_error.h"

namespace einet::graph {
namespace {

const Node kNode = {"Concat", "join", {"x"}, {"y"}, {}};

TEST(CountedAxis, CountsNegativeAxesFromTheBack) {
  EXPECT_EQ(counted_axis(kNode, 0, 3), 0u);
  EXPECT_EQ(counted_axis(kNode, 2, 3), 2u);
  EXPECT_EQ(counted_axis(kNode, -1, 3), 2u);
  EXPECT_EQ(counted_axis(kNode, -3, 3), 0u);
}

TEST(CountedAxis, RejectsAxesOutOfRange) {
  for (const std::int64_t axis : {3, 4, -4}) {
    expect_error(ErrorKind::kInvalidData,
                 "node 'join' (Concat): axis " + std::to_string(axis) + " of a value with 3 dimensions",
                 [&] { counted_axis(kNode, axis, 3); });
  }
  EXPECT_ANY_THROW(counted_axis(kNode, 0, 0));
}

TEST(CountedAxis, AcceptsTheEndOnlyIfAllowed) {
  EXPECT_EQ(counted_axis(kNode, 3, 3, true), 3u);
  EXPECT_EQ(counted_axis(kNode, -1, 3, true), 2u);
  EXPECT_ANY_THROW(counted_axis(kNode, 4, 3, true));
  EXPECT_ANY_THROW(counted_axis(kNode, -4, 3, true));
}

}  // namespace
}  // namespace einet::graph
