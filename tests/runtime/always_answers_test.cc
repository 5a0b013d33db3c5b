// A run that is not cut off ends with an answer, whatever its plans are based on: one exit only, cut-offs expected
// before the first answer, block times that are ten times too small or too large.

#include <gtest/gtest.h>

#include <algorithm>

#include "einet/session.h"
#include "policy/elastic.h"
#include "runtime/fake_program.h"
#include "runtime/model_parts.h"

namespace einet {
namespace {

using namespace std::chrono_literals;
using testing::FakeProgram;

constexpr int kRuns = 1000;

/// Predicts a score for every later exit that is slightly above the current confidence.
class OptimisticPredictor final : public predict::Predictor {
 public:
  explicit OptimisticPredictor(int exits) : exits_(exits) {}
  int exits() const noexcept override { return exits_; }
  void predict(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
               std::span<double> scores) noexcept override {
    for (int i = 0; i < exits_; ++i) {
      scores[i] = i <= exit && executed.contains(i) ? confidence[i] : confidence[exit] + 0.01 * (i - exit);
    }
  }
  std::unique_ptr<Predictor> clone() const override { return std::make_unique<OptimisticPredictor>(exits_); }

 private:
  int exits_;
};

/// A model whose elastic policy plans with `factor` times the true block times.
std::shared_ptr<const Model> elastic_model(int exits, double shrinkage, double factor,
                                           const std::string& distribution) {
  const auto program = std::make_shared<FakeProgram>(exits, 1us, 2);
  ModelParts parts;
  parts.times.conv.assign(exits, factor * program->part_seconds());
  parts.times.branch = parts.times.conv;
  auto beliefs = std::make_shared<predict::BeliefParameters>();
  beliefs->shrinkage = shrinkage;
  beliefs->seen.resize(exits);
  beliefs->predicted.resize(exits);
  for (int i = 0; i < exits; ++i) beliefs->prior.push_back(0.3 + 0.05 * i);
  parts.policy = elastic_policies(beliefs, std::make_shared<OptimisticPredictor>(exits), parts.times,
                                  plan::parse_distribution(distribution, parts.times.total()));
  parts.program = program;
  return Model::make(std::move(parts));
}

/// Every run ends with the answer of the last exit, which is predicted to be the best.
void expect_the_last_answer(const std::shared_ptr<const Model>& model) {
  Session session(model);
  for (int run = 0; run < kRuns; ++run) {
    session.start(std::vector<float>{static_cast<float>(run % 10)});
    const Answer answer = session.wait();
    ASSERT_EQ(session.state(), RunState::kFinished);
    ASSERT_TRUE(answer.exists());
    ASSERT_EQ(answer.exit, model->exits() - 1);
  }
}

TEST(AlwaysAnswers, WithOneExit) {
  expect_the_last_answer(elastic_model(1, 0.0, 1.0, "uniform"));
  expect_the_last_answer(elastic_model(1, 1.0, 1.0, "uniform"));
}

TEST(AlwaysAnswers, WithCutOffsExpectedBeforeTheFirstAnswer) {
  expect_the_last_answer(elastic_model(4, 0.0, 1.0, "deadline:1us"));
  expect_the_last_answer(elastic_model(4, 1.0, 1.0, "observed:1us,2us"));
  expect_the_last_answer(elastic_model(4, 1.0, 1.0, "exponential:1us"));
}

TEST(AlwaysAnswers, OnADeviceTenTimesSlowerThanItsProfile) {
  expect_the_last_answer(elastic_model(4, 0.0, 0.1, "uniform"));
  expect_the_last_answer(elastic_model(4, 1.0, 0.1, "uniform"));
}

TEST(AlwaysAnswers, OnADeviceTenTimesFasterThanItsProfile) {
  expect_the_last_answer(elastic_model(4, 0.0, 10.0, "uniform"));
  expect_the_last_answer(elastic_model(4, 1.0, 10.0, "uniform"));
}

/// With a known deadline in the middle of the run, the plan executes only an exit that is in time.
TEST(KnownDeadline, IsUsedForPlanning) {
  const int exits = 6;
  const auto program = std::make_shared<FakeProgram>(exits, 100us, 2);
  const plan::BlockTimes times{.conv = std::vector<double>(exits, program->part_seconds()),
                               .branch = std::vector<double>(exits, program->part_seconds()),
                               .planning = {}};
  const std::vector<double> prior = {0.3, 0.32, 0.34, 0.9, 0.91, 0.92};
  auto beliefs = std::make_shared<predict::BeliefParameters>();
  beliefs->prior = prior;
  beliefs->seen.resize(exits);
  beliefs->predicted.resize(exits);
  const auto uniform = plan::uniform_distribution(times.total());
  ModelParts parts{.program = program,
                   .labels = {},
                   .normalization = {},
                   .times = times,
                   .policy = elastic_policies(beliefs, nullptr, times, uniform)};
  const auto model = Model::make(std::move(parts));
  const double deadline =
      5.2 * program->part_seconds();  // Exit 4 answers after 5 parts if no other exit is executed before.
  const plan::ExitPlan planned = plan::make_planner("exact", times, uniform)->plan(prior, {.deadline = deadline}).plan;
  ASSERT_NE(planned, plan::make_planner("exact", times, uniform)->plan(prior).plan);
  Session session(model);
  session.start(std::vector<float>{1.0f}, Seconds(deadline));
  session.wait();
  for (const TraceEvent& event : session.trace()) {
    if (event.kind == plan::BlockKind::kBranch) {
      EXPECT_TRUE(planned.contains(event.exit)) << event.exit;
    }
  }
  session.start(std::vector<float>{1.0f});  // Without a deadline as before.
  EXPECT_EQ(session.wait().exit, exits - 1);
}

}  // namespace
}  // namespace einet
