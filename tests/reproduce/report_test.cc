#include "reproduce/report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "expect_error.h"
#include "io/file.h"
#include "io/temporary_directory.h"
#include "reproduce/golden.h"
#include "reproduce/recipes.h"
#include "reproduce/training.h"

namespace einet::reproduce {
namespace {

Table example_table() {
  return {.caption = "A & B",
          .columns = {{"name", "name"}, {"share", "share", Unit::kPercent, true}, {"time", "time", Unit::kSeconds}},
          .rows = {{{"a, \"b\"", policy::Estimate{0.1, 0.01}, 0.00123}, {}}, {{"c"}, "no bundle"}}};
}

TEST(Table, CsvHasAllDigitsAndQuotes) {
  EXPECT_EQ(to_csv(example_table()),
            "name,share,share_stderr,time,note\r\n"
            "\"a, \"\"b\"\"\",0.1,0.01,0.00123,\r\n"
            "c,,,,no bundle\r\n");
  const Table third{.caption = "", .columns = {{"x", "x", Unit::kNumber}}, .rows = {{{1.0 / 3.0}, {}}}};
  EXPECT_EQ(std::stod(to_csv(third).substr(3)), 1.0 / 3.0);
}

TEST(Table, JsonHasNumbersAndNulls) {
  const nlohmann::json json = to_json(example_table());
  EXPECT_EQ(json["rows"][0]["share"], 0.1);
  EXPECT_EQ(json["rows"][0]["share_stderr"], 0.01);
  EXPECT_TRUE(json["rows"][1]["share"].is_null());
  EXPECT_EQ(json["rows"][1]["note"], "no bundle");
}

TEST(Table, PeopleSeePercentPointsAndUnits) {
  EXPECT_EQ(shown(policy::Estimate{0.8312, 0.0031}, {"", "", Unit::kPercent, true}), "83.12 ± 0.31");
  EXPECT_EQ(shown(-0.0028, {"", "", Unit::kPoints}), "−0.28");
  EXPECT_EQ(shown(0.0028, {"", "", Unit::kPoints}), "+0.28");
  EXPECT_EQ(shown(0.00123, {"", "", Unit::kSeconds}), "1.23 ms");
  EXPECT_EQ(shown(std::numeric_limits<double>::quiet_NaN(), {"", "", Unit::kNumber}), "–");
}

TEST(Items, UnknownNamesListTheKnownOnes) {
  expect_error(ErrorKind::kUsage, "did you mean table2? (there are", [] { items({"tabel2"}); });
  expect_error(ErrorKind::kUsage, "figure12", [] { items({"something"}); });
  const auto chosen = items({"figure9", "table2"});
  ASSERT_EQ(chosen.size(), 2u);
  EXPECT_EQ(chosen[0].name, "table2");
}

TEST(Context, NeedsAFolder) {
  ContextOptions options;
  options.bundles = "/nonexistent";
  expect_error(ErrorKind::kNotFound, "--bundles", [&] { Context{options}; });
}

TEST(Context, ADamagedBundleIsAnErrorAndARow) {
  testing::Golden golden;
  const auto file = golden.folder() / "cifar10-vgg16-small.einet" / "confidence.npz";
  std::ofstream(file, std::ios::trunc) << "damaged";
  Context context(golden.options());
  const auto outcomes = run_items(items({"table2"}), context);
  ASSERT_EQ(context.errors().size(), 1u);
  EXPECT_NE(context.errors().front().find("confidence.npz"), std::string::npos);
  const Table& table = outcomes.front().result.tables.front();
  EXPECT_NE(testing::find_row(table, {"VGG-16", "CIFAR-10"})->note.find("confidence.npz"), std::string::npos);
  EXPECT_TRUE(testing::cell(table, *testing::find_row(table, {"MSDNet40", "CIFAR-100"}), "static_optimal").value);
}

TEST(Context, ABundleWithoutTimesOfThePlatformIsARowAndNotAnError) {
  testing::Golden golden;
  bundle::Bundle other = testing::golden_bundle("cifar10");
  other.timing.clear();
  bundle::save_bundle(other, golden.folder() / "cifar10-b-alexnet.einet");
  Context context(golden.options());
  context.check_platform();
  const auto outcomes = run_items(items({"table2"}), context);
  EXPECT_TRUE(context.errors().empty());
  const Table& table = outcomes.front().result.tables.front();
  EXPECT_EQ(testing::find_row(table, {"B-AlexNet", "CIFAR-10"})->note,
            "no times: platform 'a-cpu-1t-f32': the bundle has no times");
  EXPECT_TRUE(testing::cell(table, *testing::find_row(table, {"VGG-16", "CIFAR-10"}), "static_optimal").value);
}

TEST(Context, APlatformThatNoBundleHasIsAnErrorOfUsage) {
  testing::Golden golden;
  ContextOptions options = golden.options();
  options.timing.platform = "abacus";
  Context context(options);
  expect_error(ErrorKind::kUsage, "platform 'abacus': no bundle in", [&] { context.check_platform(); });
}

TEST(Report, WritesThePageLastAndKeepsOtherFiles) {
  TemporaryDirectory folder;
  std::ofstream(folder / "mine.txt") << "keep";
  Outcome outcome{
      .item = {.name = "table2", .title = "T < 2", .paper = "p", .run = nullptr}, .result = {}, .error = {}};
  outcome.result = {.tables = {example_table(), example_table()},
                    .pictures = {{"c", "<svg></svg>\n"}},
                    .agreement = "agrees",
                    .protocol = "p",
                    .data = "d",
                    .command = "einet eval",
                    .notes = {}};
  About about;
  about.command = "einet reproduce";
  write_report({outcome}, about, folder.path());
  EXPECT_EQ(folder.names(),
            (std::set<std::string>{"index.html", "mine.txt", "table2-1.csv", "table2-2.csv", "table2.svg"}));
  const std::string page = io::read_file(folder / "index.html");
  EXPECT_NE(page.find("T &lt; 2"), std::string::npos);
  EXPECT_NE(page.find("A &amp; B"), std::string::npos);
  EXPECT_EQ(page.find("src="), std::string::npos);  // Nothing is loaded.
}

TEST(Recipes, AreThoseOfTheDocumentation) {
  const std::string text = io::read_file(EINET_SOURCE_DIR "/zoo/RECIPES.md");
  std::vector<std::string> lines;
  const std::string command = "scripts/make-bundle ";
  for (std::size_t at = text.find('\n' + command); at != std::string::npos; at = text.find('\n' + command, at + 1)) {
    std::string line = text.substr(at + 1, text.find('\n', at + 1) - at - 1);
    if (line.ends_with('\\')) {
      line.pop_back();
      const std::size_t next = at + 1 + line.size() + 2;
      line += text.substr(text.find_first_not_of(' ', next), text.find('\n', next) - text.find_first_not_of(' ', next));
    }
    lines.push_back(line);
  }
  std::vector<std::string> ours;
  for (const Recipe& recipe : recipes()) ours.push_back(recipe.command());
  std::sort(lines.begin(), lines.end());
  std::sort(ours.begin(), ours.end());
  EXPECT_EQ(lines, ours);
}

/// 4 properties with 2 or 3 values besides the middle one, and 9 branches of which one is that of the middle network.
TEST(Recipes, FigureThirteenHasOneForEachNetwork) {
  EXPECT_EQ(figure13_recipes().size(), 1u + 8u + 8u);
  const Recipe* recipe = find_recipe("figure13/branch-3-1");
  ASSERT_NE(recipe, nullptr);
  EXPECT_EQ(recipe->command(), "einet reproduce figure13 --train");
  const auto steps = training_steps(*recipe, "b", "w", "");
  ASSERT_EQ(steps.size(), 3u);
  // Later values replace earlier ones.
  const std::vector<std::string>& build = steps[0].arguments;
  const auto last = std::find(build.rbegin(), build.rend(), "branch_convs=3");
  const auto first = std::find(build.rbegin(), build.rend(), "branch_convs=1");
  EXPECT_TRUE(last < first && first != build.rend());
  EXPECT_EQ(steps[2].arguments.back(), "b/figure13/branch-3-1.einet");
  const std::vector<std::string> needed = items({"figure13"}).front().bundles;
  EXPECT_EQ(needed.size(), figure13_recipes().size());
  EXPECT_EQ(items({"figure13"}).front().bundles.front(), "figure13/middle");
}

TEST(Recipes, BecomeTheCommandsOfMakeBundle) {
  const auto steps = training_steps(*find_recipe("cifar100-msdnet40-small"), "b", "w", "d");
  ASSERT_EQ(steps.size(), 3u);  // No predictor.
  EXPECT_EQ(steps[1].arguments,
            (std::vector<std::string>{"train", "w/net.onnx", "--seed", "1", "--threads", "1", "--data", "cifar100",
                                      "--dir", "d", "--epochs", "14", "--checkpoint", "w", "-o", "w/trained.onnx"}));
  EXPECT_EQ(steps[1].checkpoint, "w");
  EXPECT_EQ(steps[2].arguments,
            (std::vector<std::string>{"profile", "w/trained.onnx", "--data", "cifar100", "--dir", "d", "--weights",
                                      "none", "--log-probabilities", "fit", "-o", "b/cifar100-msdnet40-small.einet"}));
  const auto two = training_steps(*find_recipe("cifar10-msdnet40-small"), "b", "w", "");
  ASSERT_EQ(two.size(), 4u);
  EXPECT_EQ(two[2].arguments[1], "w/trained.onnx");
  EXPECT_EQ(two[2].checkpoint, "w/cycle-2");
}

}  // namespace
}  // namespace einet::reproduce
