#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "einet/planner.h"
#include "expect_error.h"

namespace einet::plan {
namespace {

const BlockTimes kTimes{{1, 1, 1, 1}, {1, 1, 1, 1}, {}};

TEST(PlannerRegistry, MakesEveryPlannerByName) {
  const std::vector<std::string> names = {"enumerate",  "exact",          "greedy",    "hybrid",
                                          "hybrid-all", "random",         "static-25", "static-50",
                                          "static-100", "static-optimal", "threshold"};
  for (const std::string& name : names) {
    EXPECT_NE(std::find(planner_names().begin(), planner_names().end(), name), planner_names().end()) << name;
    EXPECT_NE(make_planner(name, kTimes, uniform_distribution(8.0)), nullptr);
  }
  for (const PlannerKind& kind : planner_kinds()) EXPECT_FALSE(kind.summary.empty()) << kind.name;
}

TEST(PlannerRegistry, AcceptsNumbersInNames) {
  const std::vector<double> scores = {0.2, 0.4, 0.6, 0.8};
  const auto count = [&](const char* name) {
    return make_planner(name, kTimes, uniform_distribution(8.0))->plan(scores).plan.count();
  };
  EXPECT_EQ(count("static-25"), 1);
  EXPECT_EQ(count("static-75"), 3);
  EXPECT_EQ(count("static-100"), 4);
  EXPECT_EQ(count("static"), 4);
  EXPECT_NO_THROW(count("hybrid-2"));
  EXPECT_NO_THROW(count("hybrid-all"));
  EXPECT_NO_THROW(count("hybrid-all-2"));
  EXPECT_NO_THROW(count("random-10"));
  EXPECT_NO_THROW(count("threshold-0.5"));
  EXPECT_NO_THROW(count("exact-100"));
}

TEST(PlannerRegistry, ReportsErrors) {
  const auto rejects = [](const char* name, const char* why) {
    expect_error(ErrorKind::kUsage, why, [&] { make_planner(name, kTimes, uniform_distribution(8.0)); });
  };
  rejects("exakt", "did you mean 'exact'");
  rejects("hybird", "did you mean 'hybrid'");
  rejects("", "no such planner");
  rejects("something-else-altogether", "planner 'something-else-altogether'");
  rejects("greedy-2", "did you mean 'greedy'");
  rejects("static-", "planner 'static-'");
  rejects("static-x", "planner 'static-x'");
  rejects("static-0", "from");
  rejects("static-101", "to 100");
  rejects("hybrid-0", "its number is 0");
  rejects("hybrid-all-0", "its number is 0");
  rejects("hybrid-nan", "planner 'hybrid-nan'");
  rejects("random-1.5", "its number is 1.5; it must be a whole number");
  rejects("threshold-1.5", "to 1");
  expect_error(ErrorKind::kUsage, "distribution", [] { make_planner("exact", kTimes, nullptr); });
  const BlockTimes many{std::vector<double>(25, 1.0), std::vector<double>(25, 1.0), {}};
  expect_error(ErrorKind::kUsage, "25 exits", [&] { make_planner("enumerate", many, uniform_distribution(8.0)); });
}

TEST(PlannerRegistry, EveryPlannerRejectsInvalidTimes) {
  const BlockTimes bad{{1, std::nan("")}, {1, 1}, {}};
  for (const std::string& name : planner_names()) {
    expect_error(ErrorKind::kInvalidData, "conv time of exit 2",
                 [&] { make_planner(name, bad, uniform_distribution(8.0)); });
  }
}

/// A user-defined planner: always the last exit.
class LastExit final : public Planner {
 public:
  explicit LastExit(const PlannerRequest& request) : times_(request.times), distribution_(request.distribution) {}
  Planned plan(std::span<const double> scores, const Start& start) noexcept override {
    ExitPlan plan(times_.exits());
    if (start.exit < times_.exits() - 1) plan.insert(times_.exits() - 1);
    return {plan, expectation(times_, *distribution_, scores, plan, start), 1.0};
  }

 private:
  BlockTimes times_;
  std::shared_ptr<const ExitTimeDistribution> distribution_;
};

TEST(PlannerRegistry, AcceptsUserDefinedPlanners) {
  const auto make = [](const PlannerRequest& request) { return std::make_unique<LastExit>(request); };
  register_planner({"last-exit", "the last exit", "", {}, make});
  EXPECT_EQ(planner_names().back(), "last-exit");
  const std::vector<double> scores = {0.2, 0.4, 0.6, 0.8};
  const Planned planned = make_planner("last-exit", kTimes, uniform_distribution(10.0))->plan(scores);
  EXPECT_DOUBLE_EQ(planned.expectation, 0.8 * 0.5);
  expect_error(ErrorKind::kUsage, "already registered", [&] { register_planner({"last-exit", "", "", {}, make}); });
  expect_error(ErrorKind::kUsage, "no function", [] { register_planner({"another", "", "", {}, nullptr}); });
  expect_error(ErrorKind::kUsage, "name", [&] { register_planner({"", "", "", {}, make}); });
}

}  // namespace
}  // namespace einet::plan
