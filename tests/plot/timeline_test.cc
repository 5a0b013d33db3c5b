#include "plot/timeline.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "expect_error.h"

namespace einet::plot {
namespace {

using plan::BlockKind;
using plan::BlockTimes;
using plan::ExitPlan;
using plan::kMaxExits;

const BlockTimes kTimes{{1e-3, 2e-3, 1e-3}, {1e-3, 1e-3, 2e-3}, {}};
const std::vector<double> kScores = {0.5, 0.8, 0.9};

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

/// x and width of the bar with this tooltip.
std::pair<double, double> bar(const std::string& svg, const std::string& tooltip) {
  const std::size_t rect = svg.rfind("<rect x=\"", svg.find("<title>" + tooltip));
  if (rect == std::string::npos) return {-1.0, -1.0};
  const std::size_t width = svg.find("width=\"", rect);
  return {std::stod(svg.substr(rect + 9)), std::stod(svg.substr(width + 7))};
}

TEST(Timeline, DrawsBlocksToScale) {
  ExitPlan plan(3);
  plan.insert(0);
  plan.insert(2);
  const std::string svg = timeline_svg(kTimes, plan, kScores);
  EXPECT_EQ(svg.rfind("<svg", 0), 0u);
  EXPECT_EQ(svg.substr(svg.size() - 7), "</svg>\n");
  EXPECT_EQ(count(svg, "<title>conv part"), 3);
  EXPECT_EQ(count(svg, "<title>branch 1:"), 1);
  EXPECT_EQ(count(svg, "<title>branch 3:"), 1);
  EXPECT_EQ(count(svg, "<title>branch 2 is skipped"), 1);
  EXPECT_EQ(count(svg, "score 0.500"), 1);
  EXPECT_EQ(count(svg, "score 0.900"), 1);
  EXPECT_NE(svg.find("time in ms"), std::string::npos);
  EXPECT_NE(svg.find("2 of 3 exits: 1, 3"), std::string::npos);
  // Conv part 2 is as long as branch 3, twice as long as branch 1, and begins where branch 1 ends.
  const auto [conv_x, conv_width] = bar(svg, "conv part 2");
  const auto [last_x, last_width] = bar(svg, "branch 3");
  const auto [first_x, first_width] = bar(svg, "branch 1");
  EXPECT_NEAR(conv_width, last_width, 0.1);
  EXPECT_NEAR(conv_width + 1.0, 2.0 * (first_width + 1.0), 0.1);
  EXPECT_NEAR(conv_x, first_x + first_width + 1.0, 0.1);
  EXPECT_GT(last_x, conv_x);
}

TEST(Timeline, DrawsAMeasuredRunBelow) {
  const std::vector<TimelineSpan> measured = {{BlockKind::kConvPart, 0, 0.0, 1.1e-3},
                                              {BlockKind::kBranch, 0, 1.1e-3, 2.3e-3},
                                              {BlockKind::kPlanning, 0, 2.3e-3, 2.4e-3}};
  TimelineOptions options;
  options.measured = measured;
  options.title = "a < b & \"c\"";
  const std::string svg = timeline_svg(kTimes, ExitPlan::all(3), kScores, options);
  EXPECT_EQ(count(svg, "<title>conv part 1:"), 2);
  EXPECT_EQ(count(svg, "<title>planning after exit 1:"), 1);
  EXPECT_NE(svg.find(">measured<"), std::string::npos);
  EXPECT_NE(svg.find("a &lt; b &amp; &quot;c&quot;"), std::string::npos);
}

TEST(Timeline, DrawsEmptyPlansAndUnusualNumbers) {
  const std::vector<double> odd = {std::nan(""), -1.0, 7.0};
  EXPECT_EQ(count(timeline_svg(kTimes, ExitPlan(3), kScores), "<title>branch"), 3);
  const std::string svg = timeline_svg(kTimes, ExitPlan::all(3), odd);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  const BlockTimes nothing{{0, 0, 0}, {0, 0, 0}, {}};
  EXPECT_EQ(timeline_svg(nothing, ExitPlan::all(3), kScores).find("nan"), std::string::npos);
  TimelineOptions options;
  options.horizon = 3e-3;  // Ends before the second output.
  EXPECT_EQ(count(timeline_svg(kTimes, ExitPlan::all(3), kScores, options), "score 0.800"), 0);
  EXPECT_GT(count(timeline_svg({std::vector<double>(kMaxExits, 1.0), std::vector<double>(kMaxExits, 1.0), {}},
                               ExitPlan::all(kMaxExits), std::vector<double>(kMaxExits, 0.5)),
                  "<rect"),
            2 * kMaxExits);
}

TEST(Timeline, DrawsTheDistributionAndTheExpectation) {
  const auto deadline = plan::deadline_distribution(4e-3);
  TimelineOptions options;
  options.distribution = deadline.get();
  options.expectation = 0.8126;
  const std::string svg = timeline_svg(kTimes, ExitPlan::all(3), kScores, options);
  EXPECT_NE(svg.find("accuracy expectation 81.26 %"), std::string::npos);
  EXPECT_NE(svg.find("runs not cut off yet: deadline:0.004s"), std::string::npos);
  // All runs go on until the deadline, half of the horizon of 8 ms, and none after it.
  const std::size_t begin = svg.find("stroke-dasharray=\"6 3\" d=\"M");
  ASSERT_NE(begin, std::string::npos);
  const std::string path = svg.substr(begin, svg.find('>', begin) - begin);
  EXPECT_EQ(count(path, " 60.00"), 215);
  EXPECT_EQ(count(path, " 220.00"), 216);
  EXPECT_EQ(timeline_svg(kTimes, ExitPlan::all(3), kScores).find("cut off"), std::string::npos);
}

TEST(Timeline, RejectsSizesThatDoNotMatch) {
  expect_error(ErrorKind::kInvalidData, "a plan of 2 exits", [] { timeline_svg(kTimes, ExitPlan(2), kScores); });
  const std::vector<double> few = {0.5};
  expect_error(ErrorKind::kInvalidData, "1 scores", [&] { timeline_svg(kTimes, ExitPlan(3), few); });
  expect_error(ErrorKind::kInvalidData, "block times", [&] { timeline_svg({{-1.0}, {1.0}, {}}, ExitPlan(1), few); });
}

}  // namespace
}  // namespace einet::plot
