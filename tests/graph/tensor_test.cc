#include "graph/tensor.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace einet::graph {
namespace {

TEST(ElementCount, ByHand) {
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count({7}), 7);
  EXPECT_EQ(element_count({2, 3, 4}), 24);
  EXPECT_EQ(element_count({std::int64_t{1} << 62, 4, 0}), 0);
}

TEST(ElementCount, RejectsInvalidSizes) {
  expect_error(ErrorKind::kInvalidData, "shape [N,3]: has a negative dimension", [] { element_count({-1, 3}); });
  expect_error(ErrorKind::kInvalidData, "too many elements", [] { element_count({std::int64_t{1} << 62, 4}); });
}

TEST(Shape, Prints) {
  EXPECT_EQ(to_string(Shape{-1, 3, 32}), "[N,3,32]");
  EXPECT_EQ(to_string(Shape{}), "[]");
}

TEST(Tensor, ChecksTypeAndSize) {
  Tensor floats({2}, std::vector<float>{1, 2});
  EXPECT_TRUE(floats.is_float());
  floats.floats()[0] = 3;
  EXPECT_EQ(floats.floats(), (std::vector<float>{3, 2}));
  expect_error(ErrorKind::kInvalidData, "has floats", [&] { floats.ints(); });
  const Tensor ints({}, std::vector<std::int64_t>{5});
  EXPECT_EQ(ints.ints().front(), 5);
  expect_error(ErrorKind::kInvalidData, "has integers", [&] { ints.floats(); });
  expect_error(ErrorKind::kInvalidData, "has 1 values instead of 6", [] { Tensor({2, 3}, std::vector<float>{1}); });
}

}  // namespace
}  // namespace einet::graph
