// Sessions that combine the answers of exits.

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "einet/session.h"
#include "expect_error.h"
#include "runtime/fake_program.h"
#include "runtime/fake_run.h"
#include "runtime/model_parts.h"

namespace einet {
namespace {

using namespace std::chrono_literals;
using testing::fake_model;
using testing::FakeProgram;
using testing::pixel;

/// A fake model with five equally confident exits that combines answers by these weights.
std::shared_ptr<const Model> combining_model(predict::CombinationWeights weights) {
  constexpr int kExits = 5;
  ModelParts parts;
  parts.program = std::make_shared<FakeProgram>(kExits, 1us, 1, std::vector<float>(kExits, 2.0f));
  parts.times.conv.assign(kExits, 1e-6);
  parts.times.branch = parts.times.conv;
  parts.policy = [] { return fixed_policy(plan::ExitPlan::all(kExits)); };
  parts.combination = std::make_shared<const predict::CombinationWeights>(std::move(weights));
  return Model::make(std::move(parts));
}

predict::CombinationWeights five(double keep, double add) {
  return {.keep = std::vector<double>(5, keep), .add = std::vector<double>(5, add)};
}

TEST(CombinedAnswers, HaveProbabilities) {
  // Labels 3 and 4 have score 2 after the second exit, the other eight 0.
  Session session(combining_model(five(1.0, 1.0)), {.publish = Publish::kCombined, .probabilities = true});
  session.start(pixel(3));
  session.wait();
  ASSERT_EQ(session.answers().size(), 5u);
  const double sum = 2 * std::exp(2.0) + 8;
  for (int label = 0; label < 10; ++label) {
    EXPECT_NEAR(session.probabilities(1)[label], (label == 3 || label == 4 ? std::exp(2.0) : 1.0) / sum, 1e-5);
  }
  session.start(pixel(3), {.publish = Publish::kLatest});
  session.wait();
  EXPECT_NEAR(session.probabilities(1)[4], std::exp(2.0) / (std::exp(2.0) + 9), 1e-5);
  EXPECT_GT(session.probabilities(1)[4], session.probabilities(1)[3]);
}

TEST(CombinedAnswers, AreWeightedSums) {
  // Each exit has logit 2 for one class and 0 for the others. The first exit has weight 1, the others 0.9, so label 3
  // has score 2, labels 4 to 7 have 1.8 after the last exit, and the other five 0.
  auto weights = five(1.0, 0.9);
  weights.add[0] = 1.0;
  Session session(combining_model(weights), {.publish = Publish::kCombined});
  session.start(pixel(3));
  const Answer answer = session.wait();
  EXPECT_EQ(answer.exit, 4);
  EXPECT_EQ(answer.label, 3);
  const double confidence = std::exp(2.0) / (std::exp(2.0) + 4 * std::exp(1.8) + 5);
  EXPECT_NEAR(answer.confidence, confidence, 1e-5);
  ASSERT_EQ(session.answers().size(), 5u);
  for (const Answer& each : session.answers()) {
    EXPECT_EQ(each.label, 3);
    EXPECT_GT(each.sequence, 0u);
  }
  session.start(pixel(5));  // Combining starts from scratch.
  EXPECT_EQ(session.wait().label, 5);
  EXPECT_NEAR(session.latest().confidence, confidence, 1e-5);
  session.start(pixel(5), {.publish = Publish::kLatest});
  EXPECT_EQ(session.wait().label, 9);
}

TEST(CombinedAnswers, WithWeightsZeroAndOneAreTheLatestOnes) {
  Session session(combining_model(five(0.0, 1.0)), {.publish = Publish::kCombined});
  for (int image = 0; image < 10; ++image) {
    session.start(pixel(static_cast<float>(image)), {.publish = Publish::kLatest});
    session.wait();
    const std::vector<Answer> latest(session.answers().begin(), session.answers().end());
    session.start(pixel(static_cast<float>(image)));
    session.wait();
    ASSERT_EQ(session.answers().size(), latest.size());
    for (std::size_t k = 0; k < latest.size(); ++k) {
      EXPECT_EQ(session.answers()[k].label, latest[k].label);
      EXPECT_NEAR(session.answers()[k].confidence, latest[k].confidence, 1e-6f);
    }
  }
}

TEST(CombinedAnswers, AreTheDefaultIfTheyHaveAGain) {
  auto weights = five(1.0, 0.9);
  weights.add[0] = 1.0;
  const auto label = [&](double gain) {
    weights.gain = gain;
    Session session(combining_model(weights));
    session.start(pixel(3));
    return session.wait().label;
  };
  EXPECT_EQ(label(0.01), 3) << "combined";
  EXPECT_EQ(label(0.0), 7) << "latest";
}

TEST(CombinedAnswers, RequireWeights) {
  expect_error(ErrorKind::kNotFound, "einet profile",
               [] { Session session(fake_model(3, 1us), {.publish = Publish::kCombined}); });
  Session session(fake_model(3, 1us));
  expect_error(ErrorKind::kNotFound, "einet profile",
               [&] { session.start(pixel(0), {.publish = Publish::kCombined}); });
  EXPECT_EQ(session.state(), RunState::kIdle);
  expect_error(ErrorKind::kInvalidData, "5 exits", [] { combining_model({.keep = {0.0}, .add = {1.0}}); });
}

/// Records the labels passed to a policy.
class RecordingPolicy final : public Policy {
 public:
  explicit RecordingPolicy(std::vector<int>& labels) : labels_(labels) {}
  const plan::ExitPlan& begin(double) noexcept override {
    labels_.clear();
    return all_;
  }
  const plan::ExitPlan& after(const BranchOutput& output) noexcept override {
    labels_.push_back(output.label);
    return all_;
  }

 private:
  std::vector<int>& labels_;
  plan::ExitPlan all_ = plan::ExitPlan::all(5);
};

TEST(CombinedAnswers, AreNotPassedToPolicies) {
  std::vector<int> labels;
  labels.reserve(8);
  auto weights = five(1.0, 0.9);
  weights.add[0] = 1.0;
  Session session(combining_model(weights),
                  {.publish = Publish::kCombined, .policy = [&] { return std::make_unique<RecordingPolicy>(labels); }});
  session.start(pixel(3));
  EXPECT_EQ(session.wait().label, 3);
  EXPECT_EQ(labels, (std::vector<int>{3, 4, 5, 6}));
}

}  // namespace
}  // namespace einet
