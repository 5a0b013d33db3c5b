#include "core/duration.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace einet {
namespace {

TEST(Duration, ReadsEveryUnit) {
  const auto seconds = [](const char* text) {
    const Duration duration = parse_time(text);
    EXPECT_FALSE(duration.of_horizon) << text;
    return duration.value;
  };
  EXPECT_DOUBLE_EQ(seconds("40ns"), 40e-9);
  EXPECT_DOUBLE_EQ(seconds("250us"), 250e-6);
  EXPECT_DOUBLE_EQ(seconds("250\u00b5s"), 250e-6);
  EXPECT_DOUBLE_EQ(seconds("250\u03bcs"), 250e-6);
  EXPECT_DOUBLE_EQ(seconds("3ms"), 3e-3);
  EXPECT_DOUBLE_EQ(seconds("0.5s"), 0.5);
  EXPECT_DOUBLE_EQ(seconds("90m"), 5400);
  EXPECT_DOUBLE_EQ(seconds("90min"), 5400);
  EXPECT_DOUBLE_EQ(seconds("2h"), 7200);
  EXPECT_DOUBLE_EQ(seconds(" +1e-3 s "), 1e-3);
  EXPECT_DOUBLE_EQ(seconds(".5s"), 0.5);
  EXPECT_DOUBLE_EQ(seconds("0"), 0);
}

TEST(Duration, ReadsFractionsOfTheHorizon) {
  const Duration half = parse_time("0.5T");
  EXPECT_TRUE(half.of_horizon);
  EXPECT_DOUBLE_EQ(half.with_horizon(8.0).count(), 4.0);
  EXPECT_DOUBLE_EQ(parse_time("3ms").with_horizon(8.0).count(), 3e-3);
  expect_error(ErrorKind::kUsage, "'0.5T': is in units of the horizon", [] { parse_seconds("0.5T"); });
  EXPECT_DOUBLE_EQ(parse_seconds("3ms").count(), 3e-3);
}

TEST(Duration, RejectsEverythingElse) {
  const auto rejects = [](const char* text, const char* why) {
    expect_error(ErrorKind::kUsage, why, [&] { parse_time(text); });
  };
  rejects("0.5", "'0.5': has no unit; write 0.5s, 0.5ms, or 0.5T");
  rejects("", "not a time");
  rejects("s", "not a time");
  rejects("soon", "not a time");
  rejects("3 parsecs", "units are ns, us");
  rejects("3MS", "units are ns, us");
  rejects("3ms4", "units are ns, us");
  rejects("0x10s", "units are ns, us");
  rejects("-3ms", "negative");
  rejects("nan s", "finite");
  rejects("infs", "finite");
  rejects("1e999s", "finite");
  rejects("1e308h", "finite");
}

}  // namespace
}  // namespace einet
