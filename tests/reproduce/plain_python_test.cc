// The Python script of Table I finds what the C++ planners find.

#include "reproduce/plain_python.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace einet::reproduce {
namespace {

const std::filesystem::path kScript = std::filesystem::path(EINET_SOURCE_DIR) / "bench/plain_planner.py";

TEST(PlainPython, FindsTheSameExpectationsAsCpp) {
  for (const unsigned long seed : {1, 2, 3}) {
    const measure::PlanningQuestion question = measure::random_question(9, 2, seed);
    const PythonTimes python = time_plain_python(question, {1, 2, 3}, 2, kScript);
    if (python.problem == "no python3 found") GTEST_SKIP() << python.problem;
    ASSERT_EQ(python.problem, "");
    EXPECT_FALSE(python.version.empty());
    ASSERT_EQ(python.times.size(), 4u);
    EXPECT_NEAR(python.times.at("expectation").value, measure::time_expectation(question, 1).value, 1e-12);
    for (const int outputs : {1, 2, 3}) {
      const std::string m = std::to_string(outputs);
      const measure::SearchTimes& found = python.times.at("hybrid-" + m);
      EXPECT_NEAR(found.value, measure::time_search(question, "hybrid-all-" + m, 1).value, 1e-12);
      EXPECT_EQ(found.times.repetitions, 2);
      EXPECT_LE(found.times.least, found.times.most);
    }
  }
}

TEST(PlainPython, SaysWhatIsMissing) {
  const measure::PlanningQuestion question = measure::random_question(3, 1, 1);
  const PythonTimes none = time_plain_python(question, {1}, 1, "nowhere/plain_planner.py");
  EXPECT_EQ(none.problem, "no nowhere/plain_planner.py here: run in the source tree");
  EXPECT_TRUE(none.times.empty());

  const std::filesystem::path script =
      std::filesystem::path(testing::TempDir()) / ("fails-" + std::to_string(::getpid()) + ".py");
  std::ofstream(script) << "print('nothing')\n";
  const std::string problem = time_plain_python(question, {1}, 1, script).problem;
  EXPECT_TRUE(problem == "no python3 found" || problem.ends_with("printed no times")) << problem;
  std::ofstream(script) << "raise SystemExit(3)\n";
  EXPECT_FALSE(time_plain_python(question, {1}, 1, script).problem.empty());
  std::filesystem::remove(script);
}

}  // namespace
}  // namespace einet::reproduce
