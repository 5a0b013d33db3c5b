#include "train/predictor_trainer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>

#include "expect_error.h"
#include "predict/predictor.h"
#include "train/predictor_state.h"
#include "train/trainer.h"

namespace einet::train {
namespace {

/// Every sample has an ease; the confidence of each exit is the logistic function of ease + depth + some noise, and the
/// exit is right with that probability.
profile::CsProfile synthetic(int samples, int exits, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> unit;
  profile::CsProfile profile;
  profile.exits = exits;
  for (int i = 0; i < samples; ++i) {
    profile.labels.push_back(1);
    const double ease = 1.5 * normal(random);
    for (int exit = 0; exit < exits; ++exit) {
      const double p = 1 / (1 + std::exp(-(ease + 0.3 * exit + 0.2 * normal(random))));
      profile.confidence.push_back(static_cast<float>(p));
      profile.predicted.push_back(unit(random) < p ? 1 : 0);
    }
  }
  return profile;
}

/// Root mean squared error over the exits after `last`, when the exits of `executed` have run, against `truth`; and
/// that of the population's mean for comparison.
struct Errors {
  double mlp = 0;
  double mean = 0;
};

Errors errors(const graph::Graph& graph, const profile::CsProfile& fit, const profile::CsProfile& held_out,
              const std::vector<int>& executed, bool correctness) {
  const int exits = held_out.exits;
  const int last = executed.back();
  plan::ExitPlan plan(exits);
  for (const int exit : executed) plan.insert(exit);
  std::vector<float> seen(std::size_t(held_out.samples()) * exits);
  for (int i = 0; i < held_out.samples(); ++i) {
    predict::encode_seen(held_out.confidences(i), plan, last, std::span(seen).subspan(std::size_t(i) * exits, exits));
  }
  const std::vector<float> scores = evaluate(graph, seen, held_out.samples())[0];
  const auto value = [&](const profile::CsProfile& profile, int i, int exit) {
    return correctness ? double(profile.right(i, exit)) : profile.confidence_at(i, exit);
  };
  Errors sum;
  for (int exit = last + 1; exit < exits; ++exit) {
    double mean = 0;
    for (int i = 0; i < fit.samples(); ++i) mean += value(fit, i, exit) / fit.samples();
    for (int i = 0; i < held_out.samples(); ++i) {
      const double truth = value(held_out, i, exit);
      sum.mlp += std::pow(scores[std::size_t(i) * exits + exit] - truth, 2);
      sum.mean += std::pow(mean - truth, 2);
    }
  }
  const double count = double(held_out.samples()) * (exits - last - 1);
  return {std::sqrt(sum.mlp / count), std::sqrt(sum.mean / count)};
}

TEST(PredictorTrainer, BeatsTheMeanOnUnseenSamplesAndSkips) {
  const profile::CsProfile fit = synthetic(1000, 6, 1);
  const profile::CsProfile held_out = synthetic(500, 6, 2);
  PredictorOptions options;
  options.epochs = 30;
  options.batch = 32;
  const graph::Graph confidence = train_predictor(fit, options);
  for (const std::vector<int>& executed : {std::vector{0}, {0, 1, 2}, {2}, {0, 3}, {1, 4}}) {
    const Errors found = errors(confidence, fit, held_out, executed, false);
    EXPECT_LT(found.mlp, 0.35 * found.mean) << found.mlp;
  }
  options.target = "correctness";
  const graph::Graph correctness = train_predictor(fit, options);
  const Errors found = errors(correctness, fit, held_out, {0, 1, 2}, true);
  EXPECT_LT(found.mlp, 0.95 * found.mean);
  EXPECT_LT(found.mlp, errors(confidence, fit, held_out, {0, 1, 2}, true).mlp + 0.01);
}

TEST(PredictorTrainer, BuildsTheNetworkOfThePaper) {
  PredictorOptions options;
  options.epochs = 1;
  const graph::Graph small = train_predictor(synthetic(20, 30, 1), options);
  EXPECT_EQ(predict::predictor_exits(small), 30);
  EXPECT_EQ(small.constant("fc2.weight")->shape, (graph::Shape{128, 256}));
  const graph::Graph large = train_predictor(synthetic(20, 31, 1), options);
  EXPECT_EQ(large.constant("fc2.weight")->shape, (graph::Shape{1024, 2048}));
}

TEST(PredictorTrainer, DependsOnlyOnTheSeed) {
  const profile::CsProfile profile = synthetic(100, 4, 1);
  PredictorOptions options;
  options.epochs = 2;
  const auto weights = [&](std::uint64_t seed) {
    options.seed = seed;
    return train_predictor(profile, options).constant("scores.weight")->floats();
  };
  EXPECT_EQ(weights(1), weights(1));
  EXPECT_NE(weights(1), weights(2));
}

TEST(PredictorTrainer, OffersThePapersTraining) {
  const PredictorOptions paper = paper_predictor();
  EXPECT_EQ(paper.epochs, 3000);
  EXPECT_EQ(paper.learning_rate, 1e-3);
  EXPECT_EQ(paper.schedule, "constant");
  EXPECT_EQ(paper.target, "confidence");
}

/// Stops a training by throwing.
struct StopAfter : Progress {
  explicit StopAfter(int epochs) : left(epochs) {}
  void update(std::string_view, std::int64_t, std::int64_t, std::string_view) override {
    if (--left == 0) throw std::runtime_error("stopped");
  }
  int left;
};

class PredictorCheckpoint : public testing::Test {
 protected:
  PredictorCheckpoint() {
    std::filesystem::remove_all(folder_);
    options_.epochs = 6;
    options_.batch = 16;
    options_.schedule = "constant";
    kept_ = options_;
    kept_.checkpoint = folder_;
    kept_.checkpoint_seconds = 0;
  }
  ~PredictorCheckpoint() override { std::filesystem::remove_all(folder_); }

  static std::vector<float> weights(const graph::Graph& graph) { return graph.constant("fc2.weight")->floats(); }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("predictor-checkpoint-" + std::to_string(getpid()));
  const profile::CsProfile samples_ = synthetic(50, 4, 1);
  PredictorOptions options_, kept_;
};

TEST_F(PredictorCheckpoint, GoesOnAsIfNeverInterrupted) {
  const auto whole = weights(train_predictor(samples_, options_));
  for (const int epochs : {1, 3}) {  // The second time it begins at epoch 2.
    StopAfter stop(epochs);
    EXPECT_THROW(train_predictor(samples_, kept_, stop), std::runtime_error);
  }
  struct Count : Progress {
    void update(std::string_view, std::int64_t, std::int64_t, std::string_view) override { ++epochs; }
    int epochs = 0;
  } count;
  EXPECT_EQ(weights(train_predictor(samples_, kept_, count)), whole);
  EXPECT_EQ(count.epochs, 2);
  EXPECT_EQ(weights(train_predictor(samples_, kept_, count)), whole);  // Finished: taken from the file.
  EXPECT_EQ(count.epochs, 2);
}

TEST_F(PredictorCheckpoint, BelongsToItsSamplesAndOptions) {
  const auto file = predictor_state_file(folder_, samples_, kept_);
  EXPECT_NE(file, predictor_state_file(folder_, synthetic(50, 4, 2), kept_));
  PredictorOptions other = kept_;
  other.learning_rate = 2e-3;
  EXPECT_NE(file, predictor_state_file(folder_, samples_, other));
  other = kept_;
  other.checkpoint_seconds = 5;
  EXPECT_EQ(file, predictor_state_file(folder_, samples_, other));
}

TEST_F(PredictorCheckpoint, RefusesADamagedFile) {
  train_predictor(samples_, kept_);
  const auto file = predictor_state_file(folder_, samples_, kept_);
  PredictorState state = *read_predictor_state(file);
  state.floats.erase(state.floats.begin());
  write_predictor_state(state, file);
  expect_error(ErrorKind::kInvalidData, "a checkpoint of another predictor", [&] { train_predictor(samples_, kept_); });
  std::ofstream(file) << "nothing";
  expect_error(ErrorKind::kInvalidData, file.filename().string().c_str(), [&] { train_predictor(samples_, kept_); });
}

TEST(PredictorTrainer, RejectsInvalidArguments) {
  PredictorOptions options;
  expect_error(ErrorKind::kInvalidData, "there is nothing to predict",
               [&] { train_predictor(synthetic(10, 1, 1), options); });
  expect_error(ErrorKind::kInvalidData, "CS-profile", [&] {
    profile::CsProfile profile = synthetic(10, 3, 1);
    profile.confidence[4] = std::nanf("");
    train_predictor(profile, options);
  });
  options.target = "both";
  expect_error(ErrorKind::kUsage, "predictor target", [&] { train_predictor(synthetic(10, 3, 1), options); });
  options = {};
  options.schedule = "cosine";
  expect_error(ErrorKind::kUsage, "schedule 'cosine'", [&] { train_predictor(synthetic(10, 3, 1), options); });
  options = {};
  options.epochs = 0;
  expect_error(ErrorKind::kUsage, "epochs", [&] { train_predictor(synthetic(10, 3, 1), options); });
}

}  // namespace
}  // namespace einet::train
