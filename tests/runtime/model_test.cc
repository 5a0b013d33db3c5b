// Models made from bundles, and sessions that run a real network.

#include <gtest/gtest.h>

#include <vector>

#include "einet/error.h"
#include "einet/planner.h"
#include "einet/session.h"
#include "exec/scores.h"
#include "io/temporary_directory.h"
#include "measure/planning_cost.h"
#include "runtime/model_parts.h"
#include "runtime/small_bundle.h"

namespace einet {
namespace {

constexpr int kExits = 4;

std::vector<float> image(const Model& model, int sample) {
  std::vector<float> pixels(model.input_size());
  testing::small_image(sample, pixels);
  return pixels;
}

TEST(Model, AnswersLikeTheProfileOfItsBundle) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 40, 0.0);
  const auto model = make_model(bundle);
  EXPECT_EQ(model->exits(), kExits);
  EXPECT_EQ(model->times().exits(), kExits);
  SessionOptions options;
  options.policy = [] { return fixed_policy(plan::ExitPlan::all(kExits)); };
  Session session(model, options);
  for (int sample = 0; sample < 40; ++sample) {
    session.start(image(*model, sample));
    session.wait();
    ASSERT_EQ(session.answers().size(), static_cast<std::size_t>(kExits));
    for (const Answer& answer : session.answers()) {
      EXPECT_EQ(answer.label, bundle.confidences->predicted[sample * kExits + answer.exit]);
      EXPECT_NEAR(answer.confidence, bundle.confidences->confidence_at(sample, answer.exit), 1e-4);
    }
  }
}

TEST(Model, NamesClassesByLabelOrNumber) {
  bundle::Bundle bundle = testing::small_bundle(kExits, 40, 0.0);
  bundle.labels = {"dog", "cat"};
  EXPECT_EQ(make_model(bundle)->label_name(1), "cat");
  EXPECT_EQ(make_model(bundle)->label_name(2), "2");
  EXPECT_EQ(make_model(bundle)->label_name(-1), "-1");
  bundle.labels.clear();
  EXPECT_EQ(make_model(bundle)->label_name(1), "1");
}

TEST(Model, ReplansWithItsPredictor) {
  const auto model = make_model(testing::small_bundle(kExits, 40, 1.0));
  Session session(model);
  session.start(image(*model, 1));
  EXPECT_TRUE(session.wait().exists());
  int planned = 0;
  for (const TraceEvent& event : session.trace()) planned += event.kind == plan::BlockKind::kPlanning;
  EXPECT_GT(planned, 0);
}

TEST(Model, WithoutAPredictorFollowsTheBestPlanForTheAccuracies) {
  bundle::Bundle bundle = testing::small_bundle(kExits, 40, 1.0);
  bundle.fit.reset();
  const auto model = make_model(bundle);
  const auto policy = model->new_policy();
  EXPECT_FALSE(policy->replans());
  std::vector<double> accuracies;
  for (int exit = 0; exit < kExits; ++exit) accuracies.push_back(bundle.confidences->accuracy(exit));
  const auto planner = plan::make_planner("exact", model->times(), plan::uniform_distribution(model->times().total()));
  EXPECT_EQ(policy->begin(), planner->plan(accuracies).plan);
}

TEST(Model, RejectsABundleWithoutFitAndConfidences) {
  bundle::Bundle bundle = testing::small_bundle(kExits, 40, 1.0);
  bundle.fit.reset();
  bundle.confidences.reset();
  try {
    make_model(bundle);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
    EXPECT_NE(std::string(error.what()).find("run einet profile"), std::string::npos) << error.what();
  }
}

TEST(Model, MeasuresTimesOnAnUnknownMachine) {
  bundle::Bundle bundle = testing::small_bundle(kExits, 40, 0.0);
  bundle.timing.clear();
  const auto model = make_model(bundle);
  EXPECT_EQ(model->times().exits(), kExits);
  EXPECT_GT(model->horizon().count(), 0.0);
}

TEST(Model, RejectsUnknownPlannersAndDistributions) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 40, 0.0);
  EXPECT_THROW(make_model(bundle, {.planner = "exakt"}), Error);
  EXPECT_THROW(make_model(bundle, {.distribution = "unifrom"}), Error);
}

TEST(Model, LoadsASavedBundle) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "small.einet";
  bundle::Bundle bundle = testing::small_bundle(kExits, 40, 1.0);
  const graph::Shape& input = bundle.graph.inputs[0].shape;
  bundle.preprocessing = {.resize = {40}, .crop = {static_cast<int>(input[2]), static_cast<int>(input[3])}};
  bundle.preprocessing.interpolation = Interpolation::kBicubic;
  bundle::save_bundle(bundle, path, graph::WeightStorage::kFloat32);
  const auto model = Model::load(path);
  EXPECT_EQ(model->preprocessing(), bundle.preprocessing);
  Session session(model);
  session.start(image(*model, 0));
  EXPECT_TRUE(session.wait().exists());
  EXPECT_THROW(Model::load(directory.path() / "absent.einet"), Error);
}

// Increases the time budget until the last exit answers, on a real network.
TEST(Model, EveryTimeBudgetGivesAnAnswerOrNone) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 40, 1.0);
  const auto model = make_model(bundle);
  Session session(model);
  const auto pixels = image(*model, 5);
  int finished = 0;
  for (Seconds budget{0}; finished < 3; budget += Seconds(2e-6)) {
    session.start(pixels, budget);
    const Answer answer = session.wait();
    if (answer.exists()) {
      EXPECT_EQ(answer.label, bundle.confidences->predicted[5 * kExits + answer.exit]);
      EXPECT_LT(Seconds(answer.elapsed), budget);
    }
    finished += session.state() == RunState::kFinished;
    ASSERT_LT(budget.count(), 1.0);
  }
}

TEST(PlanningCost, IsMeasuredAfterEveryExitOfAPolicyThatRePlans) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 40, 1.0);
  const auto model = make_model(bundle);
  const auto planning = measure::measure_planning(*model->new_policy(), *model->parts().program, *bundle.confidences);
  ASSERT_EQ(planning.size(), static_cast<std::size_t>(kExits));
  for (const double seconds : planning) EXPECT_GT(seconds, 0.0);
}

TEST(PlanningCost, IsZeroForFixedPlans) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 40, 0.0);
  const auto model = make_model(bundle);
  EXPECT_EQ(measure::measure_planning(*model->new_policy(), *model->parts().program, *bundle.confidences),
            std::vector<double>(kExits, 0.0));
}

}  // namespace
}  // namespace einet
