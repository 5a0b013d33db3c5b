// A session and the simulation take the same decisions.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "bundle/bundle.h"
#include "einet/plan.h"
#include "einet/planner.h"
#include "einet/session.h"
#include "io/temporary_directory.h"
#include "policy/decision_fit.h"
#include "policy/simulate.h"
#include "runtime/model_parts.h"

namespace einet {
namespace {

/// A network that returns the answers of a CS-profile; its input is the number of the sample.
class ReplayedProgram final : public exec::Program {
 public:
  explicit ReplayedProgram(const profile::CsProfile& profile) : profile_(profile) {
    for (int exit = 0; exit < profile.exits; ++exit) {
      blocks_.push_back(
          {.output = "exit" + std::to_string(exit + 1), .conv_part = {2 * exit}, .branch = {2 * exit + 1}});
      blocks_.back().head = graph::Head::kSoftmax;
      outputs_.push_back(kClasses);
    }
    input_shape_ = {1, 1, 1, 1};
  }
  std::vector<std::string> implementations() const override { return {}; }
  std::unique_ptr<exec::Execution> new_execution() const override { return std::make_unique<Replay>(profile_); }

 private:
  static constexpr int kClasses = 100;

  class Replay final : public exec::Execution {
   public:
    explicit Replay(const profile::CsProfile& profile) : profile_(profile), output_(kClasses) {}
    void set_input(std::span<const float> input) noexcept override { sample_ = static_cast<int>(input[0]); }
    exec::PartEnd run_conv_part(int, exec::StopSignal) noexcept override { return exec::PartEnd::kDone; }
    exec::PartEnd run_branch(int exit, exec::StopSignal) noexcept override {
      std::fill(output_.begin(), output_.end(), 0.0f);
      output_[profile_.predicted[static_cast<std::size_t>(sample_) * profile_.exits + exit]] =
          profile_.confidence_at(sample_, exit);
      return exec::PartEnd::kDone;
    }
    std::span<const float> output(int) const noexcept override { return output_; }

   private:
    const profile::CsProfile& profile_;
    std::vector<float> output_;
    int sample_ = 0;
  };

  const profile::CsProfile& profile_;
};

/// Runs `policy` with the elapsed times that result if every block takes exactly `times`.
class InVirtualTime final : public Policy {
 public:
  InVirtualTime(std::unique_ptr<Policy> policy, plan::BlockTimes times)
      : policy_(std::move(policy)), times_(std::move(times)) {}
  const plan::ExitPlan& begin(double deadline) noexcept override {
    last_ = -1;
    time_ = 0.0;
    return policy_->begin(deadline);
  }
  const plan::ExitPlan& after(const BranchOutput& output) noexcept override {
    time_ = plan::next_output(times_, last_, time_, output.exit);
    last_ = output.exit;
    return policy_->after({output.exit, output.label, output.confidence, time_});
  }

 private:
  std::unique_ptr<Policy> policy_;
  plan::BlockTimes times_;
  int last_ = -1;
  double time_ = 0.0;
};

/// A shipped bundle with a shrinkage above 0, so that it re-plans.
class AgreementTest : public ::testing::Test {
 protected:
  static const bundle::Bundle& shipped() {
    static const bundle::Bundle bundle = bundle::load_bundle(EINET_SOURCE_DIR "/bundles/cifar100-b-alexnet.einet");
    return bundle;
  }
  /// Each is made once, because making it measures this machine.
  static const Model& model(bool decision_table) {
    static const TemporaryDirectory cache;
    const auto make = [&](bool table) {
      return make_model(shipped(), {.decision_table = table, .tune = false, .cache = cache.path()});
    };
    static const std::array models = {make(false), make(true)};
    return *models[decision_table ? 1 : 0];
  }
};

TEST_F(AgreementTest, TheModelPlansWithTheMeasuredPlanningCost) {
  const Model& model = AgreementTest::model(false);
  const std::vector<double>& planning = model.times().planning;
  ASSERT_EQ(planning.size(), static_cast<std::size_t>(shipped().exits()));
  for (const double seconds : planning) EXPECT_GT(seconds, 0.0);
  const auto policy = model.new_policy();
  EXPECT_TRUE(policy->replans());
  for (int exit = 0; exit < shipped().exits(); ++exit) EXPECT_EQ(policy->planning_seconds(exit), planning[exit]);
  const auto planner = plan::make_planner("exact", model.times(), plan::uniform_distribution(model.times().total()));
  EXPECT_EQ(policy->begin(), planner->plan(shipped().fit->beliefs.prior).plan);
}

TEST_F(AgreementTest, TheModelFollowsItsDecisionTable) {
  const Model& model = AgreementTest::model(true);
  const auto policy = model.new_policy();
  EXPECT_FALSE(policy->replans());
  const auto distribution = plan::uniform_distribution(model.times().total());
  const auto fitted = policy::checked_decisions(*shipped().confidences, model.times(), distribution);
  ASSERT_TRUE(fitted.table.deviates());
  EXPECT_EQ(policy->begin(), fitted.table.population);
  for (const float confidence : {0.0f, 0.3f, 0.6f, 0.99f}) {
    policy->begin();
    const plan::ExitPlan& plan = policy->after({.exit = 0, .label = 1, .confidence = confidence, .elapsed = 1e-4});
    EXPECT_EQ(plan.next(0), fitted.table.next(0, plan::Agreement::kFirst, confidence));
  }
}

void expect_agreement(const Model& model, const profile::CsProfile& profile) {
  ASSERT_GE(profile.samples(), 1000);
  const plan::BlockTimes times = model.times();
  ModelParts parts{.program = std::make_shared<ReplayedProgram>(profile),
                   .labels = {},
                   .normalization = {},
                   .times = times,
                   .policy = [&] { return std::make_unique<InVirtualTime>(model.new_policy(), times); }};
  Session session(Model::make(std::move(parts)));
  const auto policy = model.new_policy();
  policy::Simulation simulation(*policy, Publish::kLatest, profile, times);
  std::vector<bool> used(profile.exits);
  for (int sample = 0; sample < 1000; ++sample) {
    session.start(std::vector<float>{static_cast<float>(sample)});
    session.wait();
    const auto shown = simulation.run(sample);
    ASSERT_EQ(session.answers().size(), shown.size()) << sample;
    for (std::size_t i = 0; i < shown.size(); ++i) ASSERT_EQ(session.answers()[i].exit, shown[i].exit) << sample;
    used[shown.size() - 1] = true;
  }
  EXPECT_GT(std::count(used.begin(), used.end(), true), 1)
      << "all runs have the same number of answers: no decision had an effect";
}

TEST_F(AgreementTest, SessionAndSimulationTakeTheSameDecisions) {
  for (const bool decision_table : {false, true}) {
    SCOPED_TRACE(decision_table);
    expect_agreement(model(decision_table), *shipped().confidences);
  }
}

}  // namespace
}  // namespace einet
