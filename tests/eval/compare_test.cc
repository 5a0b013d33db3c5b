#include "eval/compare.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "../runtime/small_bundle.h"
#include "einet/error.h"
#include "eval/report.h"

namespace einet::eval {
namespace {

constexpr int kExits = 4;

bundle::Bundle named(std::string name) {
  bundle::Bundle bundle = testing::small_bundle(kExits, 400, 0.0);
  bundle.name = std::move(name);
  return bundle;
}

plan::BlockTimes times_of(const bundle::Bundle& bundle) { return bundle.timing.begin()->second.times(); }

TEST(Compare, ABundleEqualsItselfAndItsEvaluation) {
  const bundle::Bundle a = named("a"), b = named("b");
  const plan::BlockTimes times = times_of(a);
  const std::vector<Candidate> candidates = {{&a, times, "here"}, {&b, times, "here"}};
  const Comparison comparison = compare(candidates);
  EXPECT_EQ(comparison.horizon, times.total());
  ASSERT_EQ(comparison.bundles.size(), 2u);
  const Report report = evaluate(a, times);
  for (const ComparedBundle& bundle : comparison.bundles) {
    EXPECT_EQ(bundle.elasticity, report.elasticity);
    EXPECT_GT(bundle.parameters, 0);
    for (const ComparedMethod& method : bundle.methods) {
      EXPECT_EQ(method.over_first->mean, 0.0);
      EXPECT_EQ(method.over_first->standard_error, 0.0);
      const auto evaluated = std::ranges::find_if(report.methods, [&](const auto& m) { return m.name == method.name; });
      ASSERT_NE(evaluated, report.methods.end());
      EXPECT_EQ(method.accuracy.mean, evaluated->accuracy.mean);
      EXPECT_EQ(method.run.unanswered, evaluated->run.unanswered);
    }
  }
}

/// A network that is twice as slow, on the horizon of the faster one.
TEST(Compare, ASlowerNetworkOnTheSameHorizonScoresLess) {
  const bundle::Bundle a = named("a"), b = named("b");
  plan::BlockTimes slower = times_of(a);
  for (auto* part : {&slower.conv, &slower.branch}) {
    for (double& seconds : *part) seconds *= 2;
  }
  const Comparison comparison = compare(std::vector<Candidate>{{&a, times_of(a), ""}, {&b, slower, ""}});
  for (std::size_t m = 0; m < 2; ++m) {
    const ComparedMethod& fast = comparison.bundles[0].methods[m];
    const ComparedMethod& slow = comparison.bundles[1].methods[m];
    EXPECT_LT(slow.accuracy.mean, fast.accuracy.mean);
    EXPECT_NEAR(slow.over_first->mean, slow.accuracy.mean - fast.accuracy.mean, 1e-12);
    EXPECT_GT(slow.run.unanswered, fast.run.unanswered);
  }
}

/// A network keeps its answer after its last exit: on a very long horizon only the best exit matters.
TEST(Compare, OnALongHorizonOnlyTheBestExitMatters) {
  const bundle::Bundle a = named("a");
  const Comparison comparison =
      compare(std::vector<Candidate>{{&a, times_of(a), ""}}, {.horizon = 1e6 * times_of(a).total()});
  EXPECT_NEAR(comparison.bundles[0].elasticity, 1.0, 0.02);
  EXPECT_LT(comparison.bundles[0].methods[0].run.unanswered, 1e-5);
}

TEST(Compare, RejectsOtherSamples) {
  const bundle::Bundle a = named("a");
  bundle::Bundle b = named("b");
  b.confidences->labels[7] ^= 1;
  const auto message = [&] {
    try {
      compare(std::vector<Candidate>{{&a, times_of(a), ""}, {&b, times_of(b), ""}});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(message().find("b: was profiled on other data than a"), std::string::npos) << message();
  b.confidences = b.confidences->rows(std::vector{0, 1, 2, 3, 4, 5, 6});
  EXPECT_NE(message().find("7 samples, not 400"), std::string::npos) << message();
  b.confidences.reset();
  EXPECT_NE(message().find("no CS-profile"), std::string::npos) << message();
  EXPECT_THROW(compare({}), Error);
}

TEST(Compare, JsonAndTable) {
  const bundle::Bundle a = named("first"), b = named("second");
  const Comparison comparison = compare(std::vector<Candidate>{{&a, times_of(a), "x"}, {&b, times_of(b), "y", true}});
  const nlohmann::json json = to_json(comparison);
  EXPECT_EQ(json["bundles"][1]["bundle"], "second");
  EXPECT_EQ(json["bundles"][1]["methods"][0]["name"], "einet");
  EXPECT_EQ(json["bundles"][1]["methods"][0]["accuracy_at_quarters"].size(), 3u);
  const std::string table = to_table(comparison);
  EXPECT_EQ(table.find("x (busy)"), std::string::npos);
  EXPECT_NE(table.find("y (busy)\n(busy): measured while other programs ran"), std::string::npos) << table;
  EXPECT_FALSE(to_json(comparison)["bundles"][0]["busy"]);
  EXPECT_TRUE(to_json(comparison)["bundles"][1]["busy"]);
  EXPECT_NE(table.find("second"), std::string::npos);
  EXPECT_NE(table.find("static-optimal"), std::string::npos);
}

}  // namespace
}  // namespace einet::eval
