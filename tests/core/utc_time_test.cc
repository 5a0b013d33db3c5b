#include "core/utc_time.h"

#include <gtest/gtest.h>

namespace einet {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;

TEST(UtcTime, WritesIso8601) {
  const system_clock::time_point time{std::chrono::seconds(1'769'861'106) + milliseconds(7)};
  EXPECT_EQ(iso_time(time), "2026-01-31T12:05:06Z");
  EXPECT_EQ(iso_time_milliseconds(time), "2026-01-31T12:05:06.007Z");
  EXPECT_EQ(iso_time_milliseconds(time + milliseconds(993)), "2026-01-31T12:05:07.000Z");
  EXPECT_EQ(iso_time_milliseconds(system_clock::time_point(milliseconds(-1))), "1969-12-31T23:59:59.999Z");
}

TEST(UtcTime, WritesTheTimeForPeople) {
  const std::string now = utc_time();
  ASSERT_EQ(now.size(), std::string("2026-01-31 12:00 UTC").size());
  EXPECT_TRUE(now.ends_with(" UTC"));
}

}  // namespace
}  // namespace einet
