#include "eval/live/live.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "einet/error.h"
#include "eval/live/cut_off.h"
#include "eval/page/demo_page.h"
#include "runtime/fake_program.h"
#include "runtime/small_bundle.h"

namespace einet::eval {
namespace {

using namespace std::chrono_literals;

constexpr int kExits = 4;

TEST(CutOffStage, ReturnsTheAnswerInForceAtTheCutOff) {
  const auto model = testing::fake_model(6, 200us, 1);
  CutOffStage stage(model);
  const auto policy = fixed_policy(plan::ExitPlan::all(6));
  const std::vector<float> image = {2.0f};
  for (const Publish publish : {Publish::kLatest, Publish::kMostConfident}) {
    for (int i = 0; i < 30; ++i) {
      const Seconds moment(i * 100e-6);
      const CutOff found = stage.run(*policy, publish, image, moment, Seconds(50e-6), model->times());
      EXPECT_GE(found.moment, moment);
      if (found.answer.exists()) {
        EXPECT_EQ(found.answer.label, testing::FakeProgram::label(2.0f, found.answer.exit));
        EXPECT_LE(Seconds(found.answer.elapsed), found.moment + Seconds(50e-6));
      }
      EXPECT_NE(stage.session().state(), RunState::kRunning);
    }
  }
  EXPECT_FALSE(stage.run(*policy, Publish::kLatest, image, Seconds(0), Seconds(1), model->times()).answer.exists());
}

TEST(CutOffStage, DoesNotWaitAfterTheEndOfTheRun) {
  const auto model = testing::fake_model(3, 1us, 1);
  CutOffStage stage(model);
  const auto policy = fixed_policy(plan::ExitPlan::all(3));
  const CutOff found =
      stage.run(*policy, Publish::kLatest, std::vector<float>{1.0f}, Seconds(1e6), Seconds(1), model->times());
  EXPECT_EQ(found.answer.exit, 2);
  EXPECT_EQ(found.moment, Seconds(1e6));
  EXPECT_EQ(found.disturbed, 0);
}

TEST(Pinned, RestoresTheProcessorsOfTheThread) {
  cpu_set_t before, pinned, after;
  ASSERT_EQ(::sched_getaffinity(0, sizeof before, &before), 0);
  {
    const Pinned first(Pinned::Place::kFirst);
    ASSERT_EQ(::sched_getaffinity(0, sizeof pinned, &pinned), 0);
    if (CPU_COUNT(&before) > 1) {
      EXPECT_EQ(CPU_COUNT(&pinned), 1);
    }
  }
  ASSERT_EQ(::sched_getaffinity(0, sizeof after, &after), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &after));
}

TEST(CutOffStage, MeasuresTheTimesOfCompleteRuns) {
  const auto model = testing::fake_model(3, 50us, 2);
  CutOffStage stage(model);
  const auto policy = fixed_policy(plan::ExitPlan(3));  // The runs themselves execute nothing.
  for (int i = 0; i < 60; ++i) {
    stage.run(*policy, Publish::kLatest, std::vector<float>{1.0f}, Seconds(0), Seconds(1), model->times());
  }
  const plan::BlockTimes times = stage.take_times(model->times());
  // Parts spin for at least 100 microseconds. The time of a branch may be shorter, because it includes the difference
  // of the conv part after it.
  for (int exit = 0; exit < 3; ++exit) EXPECT_GE(times.conv[exit], 100e-6);
  EXPECT_GE(times.total(), 600e-6);
  plan::BlockTimes usual = model->times();
  usual.conv = {1, 2, 3};
  EXPECT_EQ(stage.take_times(usual).conv, usual.conv);  // No runs since.
}

TEST(CutOffStage, DetectsDelayedRuns) {
  const auto model = testing::fake_model(3, 500us, 1);
  plan::BlockTimes usual = model->times();
  for (double& seconds : usual.branch) seconds -= 300e-6;  // As if every branch had taken 0.3 ms longer than usual.
  CutOffStage stage(model);
  const auto policy = fixed_policy(plan::ExitPlan::all(3));
  const std::vector<float> image = {1.0f};
  EXPECT_EQ(stage.run(*policy, Publish::kLatest, image, Seconds(1), Seconds(100e-6), usual).disturbed, 8);
  EXPECT_EQ(stage.run(*policy, Publish::kLatest, image, Seconds(1), Seconds(1), usual).disturbed, 0);
  // A cut-off before the first branch has no delay to detect.
  EXPECT_EQ(stage.run(*policy, Publish::kLatest, image, Seconds(0), Seconds(1), usual).disturbed, 0);
}

LiveOptions small_options() {
  LiveOptions options;
  options.images = 40;
  options.rounds = 3;
  options.probe = Seconds(0.01);
  options.tolerance = 1e9;  // No repeats on a busy machine; the tests of CutOffStage above cover them.
  return options;
}

TEST(EvaluateLive, CutsEveryMethodOffOnEveryImage) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.5);
  const LiveResult result = evaluate_live(bundle, testing::small_image, small_options());
  const std::size_t methods = result.report.methods.size();
  ASSERT_EQ(result.runs.size(), 40 * methods);
  ASSERT_EQ(result.horizons.size(), 3u);
  const double mean_horizon = (result.horizons[0] + result.horizons[1] + result.horizons[2]) / 3;
  EXPECT_NEAR(result.report.horizon, mean_horizon, 1e-9 * mean_horizon);
  std::map<int, std::set<int>> by_sample;
  for (const LiveRun& run : result.runs) {
    by_sample[run.sample].insert(run.method);
    EXPECT_GE(run.cut, 0.0);
    EXPECT_TRUE(!run.right || run.exit >= 0);
  }
  EXPECT_EQ(by_sample.size(), 40u);  // Without repetition.
  for (const auto& [sample, all] : by_sample) EXPECT_EQ(all.size(), methods);
  for (std::size_t m = 0; m < methods; ++m) {
    const auto& live = result.report.methods[m].live;
    ASSERT_TRUE(live);
    double right = 0;
    for (const LiveRun& run : result.runs) right += run.method == static_cast<int>(m) && run.right;
    EXPECT_NEAR(live->accuracy.mean, right / 40, 1e-12);
    EXPECT_NEAR(live->difference, live->accuracy.mean - live->simulated, 1e-12);
    EXPECT_GE(live->simulated, 0.0);
    EXPECT_LE(live->simulated, 1.0);
  }
}

// The answers of runs equal those of the profile for that sample and exit: images, normalisation, halves and labels
// match.
TEST(EvaluateLive, AnswersAreThoseOfTheProfile) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.5);
  LiveOptions options = small_options();
  options.eval.distribution = "deadline:10s";  // Every run ends before the cut-off.
  const LiveResult result = evaluate_live(bundle, testing::small_image, options);
  for (const LiveRun& run : result.runs) {
    ASSERT_GE(run.exit, 0);
    EXPECT_EQ(run.right, bundle.confidences->right(run.sample, run.exit));
  }
}

TEST(EvaluateLive, CutOffsAreStratifiedAndTheSameForAllMethods) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.0);
  const LiveResult result = evaluate_live(bundle, testing::small_image, small_options());
  std::map<int, std::set<double>> cuts;
  std::set<int> strata;
  for (const LiveRun& run : result.runs) {
    cuts[run.sample].insert(run.cut);
    strata.insert(static_cast<int>(run.cut * 40));
  }
  for (const auto& [sample, values] : cuts) EXPECT_EQ(values.size(), 1u);
  EXPECT_EQ(strata.size(), 40u);
}

TEST(EvaluateLive, TimelinesShowOneImageUnderEveryMethod) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.5);
  const LiveResult result = evaluate_live(bundle, testing::small_image, small_options());
  ASSERT_EQ(result.timelines.size(), result.report.methods.size());
  EXPECT_EQ(result.timelines.front().method, "einet");
  for (const Timeline& line : result.timelines) {
    EXPECT_EQ(line.sample, result.timelines.front().sample);
    EXPECT_EQ(line.label, bundle.confidences->labels[line.sample]);
    EXPECT_EQ(line.image_shape, (graph::Shape{1, 8, 8}));
    EXPECT_EQ(line.pixels.size(), 64u);
    EXPECT_GT(line.cut, 0.0);
    EXPECT_TRUE(!line.shown.exists() || !line.answers.empty());
  }
}

TEST(EvaluateLive, RejectsInvalidImages) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.0);
  const ImageSource broken = [](int, std::span<float> pixels) { pixels[3] = std::nanf(""); };
  try {
    evaluate_live(bundle, broken, small_options());
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "image: value 3 is not finite");
  }
}

TEST(DemoPage, IsOneFileWithoutExternalResources) {
  const bundle::Bundle bundle = testing::small_bundle(kExits, 60, 0.5);
  const LiveResult result = evaluate_live(bundle, testing::small_image, small_options());
  const DemoRun run{.date = "2026-01-02", .version = "9.8.7", .command = "einet demo --seed 5", .seed = 5};
  const std::string page = demo_page(result, {"</script><b>", "two", "\xff"}, run);
  EXPECT_EQ(page.find("{{"), std::string::npos);  // Every placeholder is replaced.
  EXPECT_EQ(page.find("</script><b>"), std::string::npos);
  EXPECT_NE(page.find("\\u003c/script>"), std::string::npos);
  for (const char* const outside : {"src=", "href=", "@import", "url(h", "url(/", "https:", "fetch("}) {
    EXPECT_EQ(page.find(outside), std::string::npos) << outside;
  }
}

}  // namespace
}  // namespace einet::eval
