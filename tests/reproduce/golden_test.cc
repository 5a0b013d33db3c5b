#include "reproduce/golden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "eval/report.h"
#include "reproduce/items.h"
#include "reproduce/report.h"

namespace einet::reproduce {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace): the helpers of these tests.

void expect_estimate(const Mean& expected, const Cell& cell) {
  ASSERT_TRUE(cell.value);
  EXPECT_NEAR(*cell.value, expected.mean, 1e-12);
  ASSERT_TRUE(cell.error);
  EXPECT_NEAR(*cell.error, expected.error, 1e-12);
}

std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> result;
  for (std::size_t k = 0; k < a.size(); ++k) result.push_back(a[k] - b[k]);
  return result;
}

std::string one_decimal(double share) {
  char text[40];
  std::snprintf(text, sizeof text, "%.1f", 100.0 * share);
  return text;
}

TEST(Golden, TableTwo) {
  Golden golden;
  Context context(golden.options());
  const Result result = table2().run(context);
  ASSERT_EQ(result.tables.size(), 2u);
  for (const bool held_out : {true, false}) {
    const Table& table = result.tables[held_out ? 0 : 1];
    ASSERT_EQ(table.rows.size(), 12u);
    const Row* row = find_row(table, {"VGG-16", "CIFAR-10"});
    ASSERT_NE(row, nullptr);
    const std::vector<double> best = static_optimal(held_out);
    expect_estimate(mean_of(best), cell(table, *row, "static_optimal"));
    EXPECT_DOUBLE_EQ(*cell(table, *row, "paper_static_optimal").value, 0.8898);
    EXPECT_DOUBLE_EQ(*cell(table, *row, "paper_einet").value, 0.8912);
    const Cell published = cell(table, *row, "published"), gain = cell(table, *row, "published_gain");
    EXPECT_NEAR(*published.value - *gain.value, mean_of(best).mean, 1e-12);
    // The other ten rows are there and state the recipe.
    const Row* missing = find_row(table, {"B-AlexNet", "CIFAR-10"});
    ASSERT_NE(missing, nullptr);
    EXPECT_NE(missing->note.find("scripts/make-bundle cifar10 b-alexnet -- --epochs 40 --lr 0.02"), std::string::npos);
    EXPECT_FALSE(cell(table, *missing, "static_optimal").value);
  }
}

TEST(Golden, TableTwoHasTheValuesOfEval) {
  Golden golden;
  Context context(golden.options());
  const Table table = table2().run(context).tables.front();
  const Row* row = find_row(table, {"VGG-16", "CIFAR-10"});
  const Subject* subject = context.find("cifar10-vgg16-small");
  ASSERT_NE(subject, nullptr);
  const eval::Report report = eval::evaluate(subject->bundle, subject->times);
  for (const eval::MethodResult& method : report.methods) {
    const auto expect = [&](const std::string& column, const policy::Estimate& estimate) {
      EXPECT_EQ(*cell(table, *row, column).value, estimate.mean) << column;
      EXPECT_EQ(*cell(table, *row, column).error, estimate.standard_error) << column;
    };
    if (method.name == "static-optimal") expect("static_optimal", method.accuracy);
    if (method.name == "einet") {
      expect("einet", method.accuracy);
      expect("einet_gain", method.over_static_optimal);
    }
  }
}

TEST(Golden, FigureSeven) {
  Golden golden;
  Context context(golden.options());
  const Result result = figure7().run(context);
  const Table& table = result.tables.front();
  EXPECT_EQ(table.rows.size(), 18u);
  const Row* row = find_row(table, {"CIFAR-10", "VGG-16"});
  ASSERT_NE(row, nullptr);
  // One output of two is the last one.
  expect_estimate(mean_of(scores(false, true)), cell(table, *row, "static_25"));
  expect_estimate(mean_of(scores(false, true)), cell(table, *row, "static_50"));
  expect_estimate(mean_of(scores(true, true)), cell(table, *row, "static_100"));
  // The chart of CIFAR-10 has the same values, and marks networks without a bundle.
  ASSERT_EQ(result.pictures.size(), 3u);
  const std::string& svg = result.pictures[1].svg;
  EXPECT_NE(svg.find("<title>static 50 %: " + one_decimal(mean_of(scores(false, true)).mean) + "</title>"),
            std::string::npos);
  EXPECT_NE(svg.find("<title>static 100 %: " + one_decimal(mean_of(scores(true, true)).mean) + "</title>"),
            std::string::npos);
  EXPECT_NE(svg.find("not available"), std::string::npos);
}

TEST(Golden, FigureEight) {
  Golden golden;
  Context context(golden.options());
  const Table table = figure8().run(context).tables.front();
  const Row* row = find_row(table, {"VGG-16", "CIFAR-10"});
  ASSERT_NE(row, nullptr);
  // Thresholds of the even samples, tried on the odd ones and the other way round: every exit until one is at least as
  // confident. Right answers have confidence 0.9, wrong ones 0.4, so only three policies differ.
  std::vector<double> all = scores(true, true), chosen(all.size());
  for (std::size_t half = 0; half < 2; ++half) {
    double most = -1.0;
    for (const double threshold : {1.01, 0.9, 0.4}) {  // In descending order, as ties go to the higher one.
      const auto stops = [&](const std::vector<int>& r) { return (r[0] ? 0.9 : 0.4) + 1e-6 >= threshold; };
      double sum = 0.0;
      for (std::size_t s = 1 - half; s < all.size(); s += 2) sum += by_hand(right()[s], true, !stops(right()[s]));
      if (sum <= most + 1e-12) continue;
      most = sum;
      for (std::size_t s = half; s < all.size(); s += 2) chosen[s] = by_hand(right()[s], true, !stops(right()[s]));
    }
  }
  expect_estimate(mean_of(difference(chosen, all)), cell(table, *row, "threshold"));
}

TEST(Golden, FigureNine) {
  Golden golden;
  Context context(golden.options());
  const Table table = figure9().run(context).tables.front();
  const auto repeated = [](double first_output, double second_output) {
    std::vector<double> accuracies;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      std::mt19937_64 random(seed);
      const auto distribution = plan::uniform_distribution(kHorizon);
      double sum = 0.0;
      for (const auto& row : right()) {
        const double cut = distribution->sample(random);
        if (cut >= second_output) {
          sum += row[1];
        } else if (cut >= first_output) {
          sum += row[0];
        }
      }
      accuracies.push_back(sum / static_cast<double>(right().size()));
    }
    return mean_of(accuracies);
  };
  const Row* classic = find_row(table, {"VGG-16, CIFAR-10", "classic"});
  ASSERT_NE(classic, nullptr);
  expect_estimate(repeated(1.0, 2.0 * kConv), cell(table, *classic, "accuracy"));  // The first exit never answers.
  const Row* every = find_row(table, {"VGG-16, CIFAR-10", "multi-exit"});
  ASSERT_NE(every, nullptr);
  expect_estimate(repeated(kConv + kBranch1, kHorizon), cell(table, *every, "accuracy"));
  const Row* compressed = find_row(table, {"VGG-16, CIFAR-10", "compressed"});
  ASSERT_NE(compressed, nullptr);
  EXPECT_NE(compressed->note.find("cifar10 vgg16-small-compressed"), std::string::npos);
}

TEST(Golden, FigureTen) {
  Golden golden;
  Context context(golden.options());
  const Result result = figure10().run(context);
  const Table& table = result.tables.front();
  ASSERT_EQ(table.rows.size(), 1u);  // Two exits: only "every exit".
  double first = 0.0;                // The accuracy of the first exit; the second answers at the horizon.
  for (const auto& row : right()) first += row[0] / 8.0;
  const double t1 = kConv + kBranch1;
  EXPECT_NEAR(*cell(table, table.rows[0], "expectation").value, first * (kHorizon - t1) / kHorizon, 1e-12);
  ASSERT_FALSE(result.notes.empty());
  EXPECT_NE(result.notes.front().find("No live runs"), std::string::npos);
}

TEST(Golden, FiguresElevenAndTwelve) {
  Golden golden;
  Context context(golden.options());
  // Each sample's best plan by its confidences, by hand.
  double best = 0.0, every = 0.0;
  for (const auto& row : right()) {
    const double c1 = row[0] ? 0.9f : 0.4f, c2 = row[1] ? 0.9f : 0.4f;
    const double t1 = 2e-3, alone = 4e-3;
    const double all = c1 * (kHorizon - t1) / kHorizon;  // The second output would come at the horizon.
    best += std::max({all, c2 * (kHorizon - alone) / kHorizon}) / 8.0;
    every += all / 8.0;
  }
  const Table twelve = figure12().run(context).tables.front();
  EXPECT_EQ(twelve.rows.size(), 15u);
  EXPECT_NEAR(*cell(twelve, *find_row(twelve, {"uniform", "exact"}), "expectation").value, best, 1e-7);
  EXPECT_NEAR(*cell(twelve, *find_row(twelve, {"uniform", "hybrid-3"}), "expectation").value, best, 1e-7);
  EXPECT_NEAR(*cell(twelve, *find_row(twelve, {"uniform", "static-100"}), "expectation").value, every, 1e-7);
  const Table eleven = figure11().run(context).tables.front();
  EXPECT_NEAR(*cell(eleven, *find_row(eleven, {"exact"}), "expectation").value, best, 1e-7);
}

TEST(Golden, EveryItemGivesSomethingToShow) {
  Golden golden;
  Context context(golden.options());
  for (const Outcome& outcome : run_items(items(), context)) {
    EXPECT_EQ(outcome.error, "") << outcome.item.name;
    EXPECT_FALSE(outcome.result.tables.empty()) << outcome.item.name;
    EXPECT_FALSE(outcome.result.agreement.empty()) << outcome.item.name;
    for (const Table& table : outcome.result.tables) EXPECT_FALSE(table.rows.empty()) << outcome.item.name;
  }
  EXPECT_TRUE(context.errors().empty());
}

}  // namespace
}  // namespace einet::reproduce
