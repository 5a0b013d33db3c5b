#include "core/half.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace einet {
namespace {

TEST(Half, KnownValues) {
  EXPECT_EQ(half_to_float(0x3c00), 1.0f);
  EXPECT_EQ(half_to_float(0xc000), -2.0f);
  EXPECT_EQ(half_to_float(0x7bff), 65504.0f);
  EXPECT_EQ(half_to_float(0x0001), 0x1p-24f);
  EXPECT_EQ(half_to_float(0x0400), 0x1p-14f);
  EXPECT_TRUE(std::signbit(half_to_float(0x8000)));
  EXPECT_EQ(float_to_half(1.0f), 0x3c00);
  EXPECT_EQ(float_to_half(65519.0f), 0x7bff);
  EXPECT_EQ(float_to_half(65520.0f), 0x7c00);
  EXPECT_EQ(float_to_half(-std::numeric_limits<float>::infinity()), 0xfc00);
  EXPECT_EQ(float_to_half(0x1p-25f), 0x0000);  // A tie, to even.
  EXPECT_EQ(float_to_half(0x1.8p-24f), 0x0002);
  EXPECT_TRUE(std::isnan(half_to_float(float_to_half(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(Half, EveryHalfRoundTrips) {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    const float value = half_to_float(half);
    if (std::isnan(value)) continue;
    ASSERT_EQ(float_to_half(value), half);
  }
}

// Oracle: no neighbouring half is nearer, and on a tie the result is even.
TEST(Half, RoundsToNearestEven) {
  std::mt19937 random(1);
  for (int i = 0; i < 200000; ++i) {
    const float value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
    if (!(std::fabs(value) < 65504.0f)) continue;
    const std::uint16_t half = float_to_half(value);
    const double error = std::fabs(double{half_to_float(half)} - value);
    for (const int step : {-1, 1}) {
      const auto other = static_cast<std::uint16_t>(half + step);
      const double other_value = half_to_float(other);
      if (std::isnan(other_value) || std::signbit(other_value) != std::signbit(value)) continue;
      const double other_error = std::fabs(other_value - value);
      ASSERT_LE(error, other_error) << value;
      if (error == other_error) {
        ASSERT_EQ(half & 1, 0) << value;
      }
    }
  }
}

TEST(Bfloat16, IsTheUpperHalf) {
  EXPECT_EQ(bfloat16_to_float(0x3f80), 1.0f);
  EXPECT_EQ(bfloat16_to_float(0xc049), -3.140625f);
}

}  // namespace
}  // namespace einet
