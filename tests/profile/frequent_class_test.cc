#include "profile/frequent_class.h"

#include <gtest/gtest.h>

#include <vector>

namespace einet::profile {
namespace {

TEST(MostFrequentClass, IsTheSmallestOfEquallyFrequentOnes) {
  const ClassShare best = most_frequent_class(std::vector<std::int32_t>{4, 2, 9, 2, 4});
  EXPECT_EQ(best.label, 2);
  EXPECT_DOUBLE_EQ(best.share, 0.4);
}

TEST(MostFrequentClass, IsNoneWithoutSamples) { EXPECT_EQ(most_frequent_class({}).label, -1); }

}  // namespace
}  // namespace einet::profile
