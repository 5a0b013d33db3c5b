#include "cli/progress_line.h"

#include <gtest/gtest.h>

namespace einet::cli {
namespace {

constexpr Seconds kAlways(0);
constexpr Seconds kNever(1e6);

std::string printed(bool terminal, Seconds interval) {
  ::testing::internal::CaptureStderr();
  {
    ProgressLine line(terminal, interval);
    line.update("train", 0, 4, "");
    line.update("train", 2, 4, "loss 0.5");
    line.update("train", 4, 4, "");
    line.update("test", 1, 1, "");
  }
  return ::testing::internal::GetCapturedStderr();
}

TEST(ProgressLine, PrintsNothingToAPipeForShortStages) { EXPECT_EQ(printed(false, kNever), ""); }

TEST(ProgressLine, PrintsPlainLinesToAPipe) {
  const std::string text = printed(false, kAlways);
  EXPECT_EQ(text.find_first_of("\r\033"), std::string::npos) << text;
  EXPECT_EQ(text.substr(0, text.find('\n')), "train   0.0 %");
  EXPECT_NE(text.find("train  50.0 %"), std::string::npos) << text;
  EXPECT_NE(text.find("loss 0.5\n"), std::string::npos) << text;
  EXPECT_NE(text.find("train 100.0 %"), std::string::npos) << text;
  EXPECT_EQ(text.back(), '\n');
}

TEST(ProgressLine, RewritesItselfOnATerminal) {
  const std::string text = printed(true, kNever);
  EXPECT_EQ(text.find('\n'), std::string::npos) << text;
  EXPECT_TRUE(text.starts_with("\r\033[Ktrain   0.0 %")) << text;
  EXPECT_TRUE(text.ends_with("\r\033[K")) << text;
}

}  // namespace
}  // namespace einet::cli
