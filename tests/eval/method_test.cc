#include "eval/method.h"

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "einet/error.h"
#include "einet/planner.h"
#include "eval/report.h"
#include "expect_error.h"
#include "runtime/small_bundle.h"

namespace einet::eval {
namespace {

constexpr int kExits = 5;

plan::BlockTimes times_of(const bundle::Bundle& bundle) { return bundle.timing.begin()->second.times(); }

const Method& find(const std::vector<Method>& methods, const std::string& name) {
  for (const Method& method : methods) {
    if (method.name == name) return method;
  }
  throw std::out_of_range(name);
}

std::vector<Method> build(const bundle::Bundle& bundle, Protocol protocol = Protocol::kHeldOut) {
  const plan::BlockTimes times = times_of(bundle);
  return MethodBuilder(bundle, protocol).build(times, plan::uniform_distribution(times.total()));
}

TEST(MethodBuilder, MakesEveryMethod) {
  const auto methods = build(testing::small_bundle(kExits, 60, 0.5));
  std::set<std::string> names;
  for (const Method& method : methods) names.insert(method.name);
  EXPECT_EQ(names, (std::set<std::string>{"einet", "most-confident", "replan", "paper", "static-optimal", "static-25",
                                          "static-50", "static-100", "threshold", "classic"}));
  EXPECT_EQ(methods.front().name, "einet");
  EXPECT_EQ(find(methods, "static-100").policy[0]()->begin(), plan::ExitPlan::all(kExits));
  const plan::ExitPlan last = find(methods, "classic").policy[1]()->begin();
  EXPECT_EQ(last.count(), 1);
  EXPECT_TRUE(last.contains(kExits - 1));
  EXPECT_EQ(find(methods, "most-confident").publish, Publish::kMostConfident);
}

TEST(MethodBuilder, OnlyMethodsThatReplanHavePlanningCosts) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.5);
  plan::BlockTimes times = times_of(bundle);
  times.planning.assign(kExits, 2e-6);
  const auto methods = MethodBuilder(bundle).build(times, plan::uniform_distribution(times.total()));
  for (const Method& method : methods) {
    for (const PolicyFactory& factory : method.policy) {
      const auto policy = factory();
      EXPECT_EQ(policy->replans(), policy->planning_seconds(0) > 0.0) << method.name;
    }
  }
  EXPECT_EQ(find(methods, "einet").policy[0]()->planning_seconds(0), 2e-6);
  EXPECT_NE(find(methods, "paper").policy[0]()->planning_seconds(0), 2e-6) << "measured";
}

TEST(MethodBuilder, ThePaperRequiresConfidences) {
  bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.5);
  for (auto& fold : bundle.folds) fold->beliefs.target = "correctness";
  for (const Method& method : build(bundle)) EXPECT_NE(method.name, "paper");
}

TEST(MethodBuilder, ScoresAHalfWithMethodsFittedOnTheOther) {
  bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.0);
  // In half 0 only the first exit is right, in half 1 only the last.
  profile::CsProfile& profile = *bundle.confidences;
  for (int sample = 0; sample < 60; ++sample) {
    for (int exit = 0; exit < kExits; ++exit) {
      const bool right = exit == (sample % 2 == 0 ? 0 : kExits - 1);
      profile.predicted[sample * kExits + exit] = right ? profile.labels[sample] : (profile.labels[sample] + 1) % 10;
    }
  }
  const auto held_out = build(bundle);
  const auto& optimal = find(held_out, "static-optimal");
  const plan::ExitPlan scores_even = optimal.policy[0]()->begin(), scores_odd = optimal.policy[1]()->begin();
  EXPECT_TRUE(scores_even.contains(kExits - 1));
  EXPECT_FALSE(scores_even.contains(0));
  EXPECT_TRUE(scores_odd.contains(0));
  EXPECT_FALSE(scores_odd.contains(kExits - 1));
  const auto same = build(bundle, Protocol::kSameSamples);
  EXPECT_EQ(find(same, "static-optimal").policy[0]()->begin(), find(same, "static-optimal").policy[1]()->begin());
}

TEST(MethodBuilder, LeavesOutMethodsThatNeedAPredictor) {
  const auto names = [](const bundle::Bundle& bundle, Protocol protocol) {
    std::vector<std::string> names;
    for (const Method& method : build(bundle, protocol)) names.push_back(method.name);
    return names;
  };
  const std::vector<std::string> fixed = {"einet",     "most-confident", "static-optimal", "static-25",
                                          "static-50", "static-100",     "threshold",      "classic"};
  bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.5);
  bundle.folds[0].reset();
  EXPECT_EQ(names(bundle, Protocol::kHeldOut), fixed);
  EXPECT_EQ(names(bundle, Protocol::kSameSamples).at(2), "replan");
  bundle.fit.reset();
  EXPECT_EQ(names(bundle, Protocol::kSameSamples), fixed);
  const Report report = evaluate(bundle, times_of(bundle));
  EXPECT_EQ(report.methods.size(), fixed.size());
  EXPECT_NE(report.note.find("need a predictor"), std::string::npos);
  EXPECT_EQ(to_json(report)["note"], report.note);
  bundle.confidences.reset();
  expect_error(ErrorKind::kNotFound, "has no CS-profile; run einet profile with --data",
               [&] { MethodBuilder builder(bundle); });
}

TEST(Evaluate, WithoutShrinkageEinetIsStaticOptimal) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.0);
  const Report report = evaluate(bundle, times_of(bundle));
  const MethodResult& einet = report.methods.front();
  EXPECT_EQ(einet.name, "einet");
  EXPECT_EQ(einet.over_static_optimal.mean, 0.0);
  EXPECT_EQ(einet.over_static_optimal.standard_error, 0.0);
  EXPECT_EQ(einet.planning_seconds, 0.0);
}

TEST(Evaluate, NoMethodExceedsTheOracleAndCurvesAgreeWithScores) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.5);
  const Report report = evaluate(bundle, times_of(bundle));
  EXPECT_EQ(report.samples, 60);
  EXPECT_NEAR(report.horizon, kExits * 25e-6, 1e-12);
  for (const MethodResult& method : report.methods) {
    EXPECT_LE(method.accuracy.mean, report.oracle.mean + 1e-12) << method.name;
    EXPECT_GE(method.accuracy.mean, 0.0);
    // Under a uniform cut-off the overall accuracy is the area under the curve.
    double area = 0.0;
    for (const double accuracy : method.curve) area += accuracy / static_cast<double>(method.curve.size());
    EXPECT_NEAR(area, method.accuracy.mean, 0.02) << method.name;
  }
}

TEST(Evaluate, RejectsInvalidTimesAndDistributions) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.0);
  plan::BlockTimes times = times_of(bundle);
  EXPECT_THROW(evaluate(bundle, times, {.distribution = "unifrom"}), Error);
  times.branch[1] = -1;
  EXPECT_THROW(evaluate(bundle, times), Error);
}

TEST(Report, JsonHasTheAgreedFields) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.5);
  Report report = evaluate(bundle, times_of(bundle));
  nlohmann::json json = to_json(report);
  ASSERT_TRUE(json["methods"].is_array());
  EXPECT_EQ(json["methods"][0]["name"], "einet");
  EXPECT_DOUBLE_EQ(json["methods"][0]["overall_accuracy"], report.methods[0].accuracy.mean);
  EXPECT_DOUBLE_EQ(json["methods"][0]["stderr"], report.methods[0].accuracy.standard_error);
  EXPECT_FALSE(json["methods"][0].contains("live_accuracy"));
  EXPECT_DOUBLE_EQ(json["oracle"], report.oracle.mean);
  EXPECT_EQ(json["protocol"], "held-out");
  report.methods[0].live =
      LiveScore{.accuracy = {0.5, 0.1}, .simulated = 0.45, .replayed = 0.47, .difference = 0.05, .disturbed = 3};
  json = to_json(report);
  EXPECT_DOUBLE_EQ(json["methods"][0]["live_accuracy"], 0.5);
  EXPECT_DOUBLE_EQ(json["methods"][0]["live_stderr"], 0.1);
  EXPECT_DOUBLE_EQ(json["methods"][0]["simulated_accuracy"], 0.45);
  EXPECT_DOUBLE_EQ(json["methods"][0]["replayed_accuracy"], 0.47);
  EXPECT_DOUBLE_EQ(json["methods"][0]["difference"], 0.05);
  EXPECT_EQ(json["methods"][0]["disturbed"], 3);
}

TEST(Report, TableHasOneLinePerMethodBestFirst) {
  Report report;
  report.bundle = "b";
  report.distribution = "uniform";
  report.horizon = 2e-3;
  report.samples = 10;
  report.methods = {{.name = "worse",
                     .summary = "",
                     .accuracy = {0.25, 0.01},
                     .over_static_optimal = {-0.5, 0.02},
                     .planning_seconds = 3e-6,
                     .run = {},
                     .curve = {},
                     .live = std::nullopt},
                    {.name = "static-optimal",
                     .summary = "",
                     .accuracy = {0.75, 0.01},
                     .over_static_optimal = {},
                     .planning_seconds = 0,
                     .run = {},
                     .curve = {},
                     .live = std::nullopt}};
  report.oracle = {0.9, 0.01};
  EXPECT_EQ(to_table(report),
            "b: overall accuracy in %, cut-off uniform, horizon 2.000 ms, 10 samples (held-out)\n"
            "method          simulated      over static-optimal  re-planning\n"
            "static-optimal   75.00 ±1.00                        -\n"
            "worse            25.00 ±1.00   -50.00 ±2.00         3.0 us\n"
            "(oracle)         90.00 ±1.00  upper bound: the right exits are known in advance\n");
}

TEST(Report, HasNoStandardErrorForOneSample) {
  Report report;
  report.samples = 1;
  report.methods = {{.name = "m",
                     .summary = "",
                     .accuracy = policy::estimate(std::vector<double>{1}),
                     .over_static_optimal = policy::estimate(std::vector<double>{0.5}),
                     .planning_seconds = 0,
                     .run = {},
                     .curve = {},
                     .live = std::nullopt}};
  report.oracle = policy::estimate(std::vector<double>{1});
  const std::string table = to_table(report);
  EXPECT_NE(table.find("m               100.00 ±-      +50.00 ±-            -\n"), std::string::npos) << table;
  EXPECT_NE(table.find("(oracle)        100.00 ±-  upper bound"), std::string::npos) << table;
  const nlohmann::json read = nlohmann::json::parse(to_json(report).dump());
  for (const char* field : {"stderr", "over_static_optimal_stderr"}) EXPECT_TRUE(read["methods"][0][field].is_null());
  EXPECT_TRUE(read["oracle_stderr"].is_null());
}

TEST(MethodBuilder, CombinesAnswersWithTheWeightsOfTheOtherHalf) {
  bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.0);
  bundle.combination =
      predict::CombinationWeights{.keep = std::vector<double>(kExits, 0.5), .add = std::vector<double>(kExits, 1.0)};
  for (int k = 0; k < 2; ++k) {
    bundle.fold_combinations[k] = bundle.combination;
    bundle.fold_combinations[k]->add[0] = 2.0 + k;
  }
  const auto methods = build(bundle);
  const Method& combined = find(methods, "combined");
  EXPECT_EQ(combined.publish, Publish::kCombined);
  EXPECT_EQ(combined.weights[0]->add[0], 3.0) << "half 0 is scored with the weights of half 1";
  EXPECT_EQ(combined.weights[1]->add[0], 2.0);
  EXPECT_EQ(find(build(bundle, Protocol::kSameSamples), "combined").weights[0]->add[0], 1.0);
  // Another method alone has no weights.
  const plan::BlockTimes times = times_of(bundle);
  const std::array<std::string_view, 1> classic = {"classic"};
  const auto only = MethodBuilder(bundle).build(times, plan::uniform_distribution(times.total()), classic);
  ASSERT_EQ(only.size(), 1u);
  EXPECT_EQ(only.front().weights[0], nullptr);

  bundle.combination->gain = 0.5;
  EXPECT_NE(evaluate(bundle, times_of(bundle)).note.find("publish combined answers by default"), std::string::npos);
  bundle.confidences->drop_log_probabilities();
  for (const Method& method : build(bundle)) EXPECT_NE(method.name, "combined");
  EXPECT_NE(evaluate(bundle, times_of(bundle)).note.find("--log-probabilities keep"), std::string::npos);
}

}  // namespace
}  // namespace einet::eval
