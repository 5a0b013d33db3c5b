#include "bundle/timing.h"

#include <gtest/gtest.h>

#include "bundle/example.h"
#include "expect_error.h"
#include "measure/timing_check.h"

namespace einet::bundle {
namespace {

namespace fs = std::filesystem;

class TimingTest : public BundleTest {
 protected:
  TimingTest() {
    options_.tune = false;
    options_.cache = folder_ / "cache";
    options_.measurement = {.warm_up = Seconds(0), .budget = Seconds(0.01), .min_samples = 20};
  }

  /// A profile measured on this machine, with its platform name and all times multiplied by `factor`.
  profile::EtProfile measured(double factor = 1.0) const {
    profile::EtProfile profile = measure::measure_times(exec::compile(example_network()), options_.measurement);
    for (auto* stats : {&profile.conv, &profile.branch}) {
      for (profile::TimeStat& stat : *stats) {
        for (double* value : {&stat.mean, &stat.p10, &stat.p50, &stat.p90, &stat.p99}) *value *= factor;
      }
    }
    profile.quality.reset();
    return profile;
  }

  TimingOptions options_;
};

TEST_F(TimingTest, MeasuresOnceIfTheBundleHasNoTimesOfThisMachine) {
  const Bundle bundle = example_bundle();
  const Timing first = select_timing(bundle, options_);
  EXPECT_EQ(first.source, TimingSource::kMeasured);
  EXPECT_EQ(first.profile.exits(), 2);
  EXPECT_NE(first.program, nullptr);
  ASSERT_FALSE(first.notes.empty());
  EXPECT_NE(first.notes[0].find("no times of this machine"), std::string::npos) << first.notes[0];
  EXPECT_NE(first.notes[0].find(options_.cache.string()), std::string::npos) << first.notes[0];
  options_.measure = true;
  EXPECT_EQ(select_timing(bundle, options_).source, TimingSource::kMeasured);
}

TEST_F(TimingTest, TwoLanesNeedTimesMeasuredWithTwoLanes) {
  Bundle bundle = example_bundle();
  const std::string here = exec::this_platform().name;
  bundle.timing[here] = measured();
  bundle.timing[here].platform.name = here;
  options_.lanes = 2;
  const Timing first = select_timing(bundle, options_);
  EXPECT_EQ(first.source, TimingSource::kMeasured);
  EXPECT_NE(first.notes.at(0).find("no times with two lanes"), std::string::npos) << first.notes[0];
  EXPECT_TRUE(first.program->branch_lane());
  ASSERT_TRUE(first.profile.lanes);
  EXPECT_EQ(first.times().lanes(), 2);
  first.times().validate();

  bundle.timing[here].lanes = first.profile.lanes;
  options_.cache = folder_ / "empty";
  const Timing stored = select_timing(bundle, options_);
  if (stored.source == TimingSource::kBundle) {  // Unless the short check fails on a busy machine.
    EXPECT_EQ(stored.times().lane.branch, first.times().lane.branch);
  }
  options_.lanes = 1;
  EXPECT_EQ(select_timing(bundle, options_).times().lanes(), 1);
  options_.lanes = 3;
  expect_error(ErrorKind::kUsage, "lanes", [&] { select_timing(bundle, options_); });
  options_ = {.lanes = 2, .platform = here, .cache = {}};
  EXPECT_EQ(select_timing(bundle, options_).times().lanes(), 2);
  bundle.timing[here].lanes.reset();
  expect_error(ErrorKind::kNotFound, "no times with two lanes", [&] { select_timing(bundle, options_); });
}

TEST_F(TimingTest, CachesTheMeasurementForLaterStarts) {
  const Bundle bundle = example_bundle();
  const Timing first = select_timing(bundle, options_);
  // The network is so small that the short check may fail on a busy machine; it is then measured again, with a note.
  const Timing later = select_timing(bundle, options_);
  ASSERT_FALSE(later.notes.empty());
  if (later.source == TimingSource::kCache) {
    EXPECT_EQ(later.profile.times().conv, first.profile.times().conv);
  } else {
    EXPECT_NE(later.notes[0].find("a run takes"), std::string::npos) << later.notes[0];
  }
}

TEST_F(TimingTest, WorksWithoutACache) {
  const Bundle bundle = example_bundle();
  io::write_file(folder_ / "file", "no folder");
  for (const fs::path& cache : {fs::path(), folder_ / "file"}) {
    options_.cache = cache;
    const Timing timing = select_timing(bundle, options_);
    EXPECT_EQ(timing.source, TimingSource::kMeasured);
    EXPECT_NE(timing.notes.at(0).find("not kept"), std::string::npos) << timing.notes[0];
  }
}

TEST_F(TimingTest, RejectsTimesThatTheCheckContradicts) {
  const std::string here = exec::this_platform().name;
  for (const double factor : {1e-3, 1e3}) {
    Bundle bundle = example_bundle();
    bundle.timing[here] = measured(factor);
    bundle.timing[here].platform.name = here;
    const Timing timing = select_timing(bundle, options_);
    EXPECT_NE(timing.source, TimingSource::kBundle) << factor;
    EXPECT_NE(timing.notes.at(0).find("a run takes"), std::string::npos) << timing.notes[0];
    fs::remove_all(options_.cache);
  }
}

TEST_F(TimingTest, UsesTimesOfAnotherPlatformUnchecked) {
  Bundle bundle = example_bundle();
  bundle.timing.at("a-cpu-1t-f32").planning = {2e-6, 3e-6};
  options_.platform = "a-cpu-1t-f32";
  const Timing timing = select_timing(bundle, options_);
  EXPECT_EQ(timing.source, TimingSource::kOtherPlatform);
  EXPECT_EQ(timing.profile.times().conv, example_timing("a-cpu-1t-f32").times().conv);
  EXPECT_EQ(timing.profile.planning, (std::vector<double>{2e-6, 3e-6}));
  EXPECT_TRUE(timing.notes.empty());
  options_.platform = "b-cpu";
  expect_error(ErrorKind::kUsage, "platform 'b-cpu': the bundle has times of a-cpu-1t-f32",
               [&] { select_timing(bundle, options_); });
}

TEST_F(TimingTest, WarnsAboutTimesMeasuredOnABusyMachine) {
  Bundle bundle = example_bundle();
  profile::EtProfile& timing = bundle.timing.at("a-cpu-1t-f32");
  timing.planning = {2e-6, 3e-6};
  timing.quality = profile::TimingQuality{.total = {1e-3, 1e-3, 1e-3, 3.1e-3, 4e-3}, .excess = 1.0, .waiting = 0.5};
  options_.platform = "a-cpu-1t-f32";
  const Timing selected = select_timing(bundle, options_);
  ASSERT_EQ(selected.notes.size(), 1u);
  EXPECT_EQ(
      selected.notes[0],
      "timing: measured on a busy machine (p90/p10 = 3.1, waited 50 % of the time): times may be inaccurate; measure "
      "again with einet profile BUNDLE --timing-only");
}

TEST_F(TimingTest, MeasuresPlanningOnceIfTheTimingHasNoCosts) {
  const Bundle bundle = example_bundle();
  options_.platform = "a-cpu-1t-f32";
  const Timing first = select_timing(bundle, options_);
  ASSERT_EQ(first.profile.planning.size(), 2u);
  EXPECT_GT(first.profile.planning[0], 0.0);
  ASSERT_EQ(first.notes.size(), 1u);
  EXPECT_EQ(first.notes[0], "timing: planning costs of a-cpu-1t-f32 are unknown; using those of this machine");
  EXPECT_EQ(select_timing(bundle, options_).profile.planning, first.profile.planning) << "kept in the cache";
}

TEST_F(TimingTest, MeasuresPlanningForEachPlannerAndDistribution) {
  Bundle bundle = example_bundle();
  const std::vector<double> stored = {2.0, 3.0};
  bundle.timing.at("a-cpu-1t-f32").planning = stored;
  options_.platform = "a-cpu-1t-f32";
  EXPECT_EQ(select_timing(bundle, options_).profile.planning, stored);
  options_.planner = "hybrid";
  const std::vector<double> hybrid = select_timing(bundle, options_).profile.planning;
  ASSERT_EQ(hybrid.size(), 2u);
  EXPECT_LT(hybrid[0], 1.0);
  options_.planner = "exact";
  options_.distribution = "exponential:1T";
  EXPECT_LT(select_timing(bundle, options_).profile.planning.at(0), 1.0);
  options_.distribution = "unifrom";
  EXPECT_THROW(select_timing(bundle, options_), Error);
}

TEST_F(TimingTest, WithoutReplanningThereAreNoPlanningCosts) {
  options_.platform = "a-cpu-1t-f32";
  Bundle bundle = example_bundle();
  bundle.timing.at("a-cpu-1t-f32").planning = {2.0, 3.0};
  bundle.fit->beliefs.shrinkage = 0.0;
  EXPECT_TRUE(select_timing(bundle, options_).profile.planning.empty());
  bundle.fit.reset();
  EXPECT_TRUE(select_timing(bundle, options_).profile.planning.empty());
}

TEST_F(TimingTest, MeasuresPlanningWithoutConfidences) {
  Bundle bundle = example_bundle();
  bundle.confidences.reset();
  const auto program = exec::compile(bundle.graph);
  const std::vector<double> planning = measure_planning(bundle, *program, bundle.timing.at("a-cpu-1t-f32").times());
  ASSERT_EQ(planning.size(), 2u);
  EXPECT_GT(planning[0], 0.0);
}

/// Runs may be slower because of other processes.
TEST(TimingCheck, AgreesWithinAFactor) {
  using Check = measure::TimingCheck;
  const auto check = [](double fastest, double median, double waiting) {
    return Check{.stored = 1.0, .fastest = fastest, .median = median, .waiting = waiting}.agrees();
  };
  EXPECT_TRUE(check(0.9, 1.0, 0.0));
  EXPECT_TRUE(check(1.4, 5.0, 0.0));
  EXPECT_FALSE(check(1.6, 1.7, 0.0));
  EXPECT_TRUE(check(1.6, 1.7, 0.5));
  EXPECT_FALSE(check(4.0, 4.0, 0.5));
  EXPECT_FALSE(check(1000.0, 1000.0, 0.9));
  EXPECT_FALSE(check(0.5, 0.6, 0.0));
  EXPECT_FALSE(check(0.5, 0.6, 0.5));
}

}  // namespace
}  // namespace einet::bundle
