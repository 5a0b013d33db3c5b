#include "einet/error.h"

#include <gtest/gtest.h>

#include <array>

#include "core/nearest_name.h"

namespace einet {
namespace {

TEST(Error, StatesWhatAndWhy) {
  const Error error(ErrorKind::kNotFound, "model.onnx", "no such file");
  EXPECT_STREQ(error.what(), "model.onnx: no such file");
  EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
}

TEST(EditDistance, ByHand) {
  EXPECT_EQ(edit_distance("", ""), 0);
  EXPECT_EQ(edit_distance("abc", ""), 3);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
  EXPECT_EQ(edit_distance("flaw", "lawn"), 2);
}

TEST(NearestName, SuggestsTheNearestOrNothing) {
  const std::array<std::string, 3> names = {"msdnet21", "msdnet40", "b-alexnet"};
  EXPECT_EQ(nearest_name("msdnt40", names), "msdnet40");
  EXPECT_EQ(nearest_name("balexnet", names), "b-alexnet");
  EXPECT_EQ(nearest_name("zzzzzz", names), "");
}

}  // namespace
}  // namespace einet
