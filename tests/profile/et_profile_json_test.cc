#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "expect_error.h"
#include "profile/et_profile.h"

namespace einet::profile {
namespace {

EtProfile example() {
  EtProfile profile;
  profile.platform = {"a-cpu-1t-f32", "A CPU", 1, "f32", "oneDNN 2.6.3"};
  profile.samples = 70;
  profile.conv = {{1e-3, 9e-4, 1e-3, 1.1e-3, 2e-3}, {2e-3, 1e-3, 2e-3, 3e-3, 4e-3}};
  profile.branch = {{1e-4, 1e-4, 1e-4, 1e-4, 1e-4}, {0.1, 0.1, 0.1, 0.1, 0.1}};
  profile.planning = {1e-6, 2e-6};
  return profile;
}

TEST(EtProfileJson, RoundTrips) {
  const EtProfile before = example();
  const nlohmann::json json = to_json(before);
  const EtProfile after = et_profile_from_json(nlohmann::json::parse(json.dump()), "t.json");
  EXPECT_EQ(to_json(after), json);
  EXPECT_EQ(after.platform.processor, "A CPU");
  EXPECT_EQ(after.conv[1].p90, 3e-3);
  const plan::BlockTimes times = after.times();
  EXPECT_EQ(times.conv, (std::vector<double>{1e-3, 2e-3}));
  EXPECT_EQ(times.branch, (std::vector<double>{1e-4, 0.1}));
  EXPECT_EQ(times.planning, before.planning);
}

TEST(EtProfileJson, RejectsEachFault) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<std::pair<std::string, std::function<void(nlohmann::json&)>>> faults = {
      {"field 'format' is 'x'", [](auto& json) { json["format"] = "x"; }},
      {"newer than", [](auto& json) { json["version"] = 99; }},
      {"field 'unit' is 'ms'", [](auto& json) { json["unit"] = "ms"; }},
      {"field 'samples' is missing", [](auto& json) { json.erase("samples"); }},
      {"field 'platform.name' is not a string", [](auto& json) { json["platform"]["name"] = 3; }},
      {"field 'conv[1].mean' is negative", [](auto& json) { json["conv"][1]["mean"] = -1.0; }},
      {"field 'conv[0].p99' is not finite", [&](auto& json) { json["conv"][0]["p99"] = nan; }},
      {"field 'branch[0].mean' is not finite", [&](auto& json) { json["branch"][0]["mean"] = infinity; }},
      {"field 'branch[0].mean' is not a number", [&](auto& json) { json["branch"][0]["mean"] = nullptr; }},
      {"field 'branch[0].p10' is missing", [&](auto& json) { json["branch"][0].erase("p10"); }},
      {"2 conv parts but 1 branches", [](auto& json) { json["branch"].erase(1); }},
      {"1 planning times for 2 exits", [](auto& json) { json["planning"].erase(1); }},
      {"has times of no exit",
       [](auto& json) { json["conv"] = json["branch"] = json["planning"] = nlohmann::json::array(); }},
  };
  for (const auto& [expected, spoil] : faults) {
    nlohmann::json json = to_json(example());
    spoil(json);
    expect_error(ErrorKind::kInvalidData, "t.json: ", [&] { et_profile_from_json(json, "t.json"); });
    expect_error(ErrorKind::kInvalidData, expected, [&] { et_profile_from_json(json, "t.json"); });
  }
}

EtProfile with_lanes() {
  EtProfile profile = example();
  profile.lanes = LaneProfile{.samples = 50,
                              .waiting = 0.01,
                              .conv = profile.conv,
                              .busy = {1.5e-3, 1.9e-3},
                              .branch = profile.branch,
                              .planning = {3e-6, 4e-6},
                              .decisions = std::nullopt};
  return profile;
}

TEST(EtProfileJson, TwoLanesRoundTripAndAreOptional) {
  EXPECT_FALSE(et_profile_from_json(to_json(example()), "t.json").lanes) << "files of earlier versions have none";
  const nlohmann::json json = to_json(with_lanes());
  const EtProfile after = et_profile_from_json(nlohmann::json::parse(json.dump()), "t.json");
  EXPECT_EQ(to_json(after), json);
  EXPECT_EQ(after.times(1).lanes(), 1);
  EXPECT_EQ(after.times(1).planning, example().planning);
  const plan::BlockTimes times = after.times(2);
  times.validate();
  EXPECT_EQ(times.lanes(), 2);
  EXPECT_EQ(times.planning, (std::vector<double>{3e-6, 4e-6}));
  EXPECT_EQ(times.conv, after.times().conv);
  EXPECT_EQ(times.total(), after.times().total());
  EXPECT_EQ(times.lane.busy, (std::vector<double>{1.5e-3, 2e-3})) << "never faster than beside an idle lane";
}

TEST(EtProfileJson, RejectsEachFaultOfTwoLanes) {
  const std::vector<std::pair<std::string, std::function<void(nlohmann::json&)>>> faults = {
      {"field 'lanes.conv' is missing", [](auto& lanes) { lanes.erase("conv"); }},
      {"two lanes that are not for 2 exits", [](auto& lanes) { lanes["busy"].erase(1); }},
      {"two lanes that are not for 2 exits", [](auto& lanes) { lanes["planning"].erase(1); }},
      {"field 'lanes.branch[0].p50' is negative", [](auto& lanes) { lanes["branch"][0]["p50"] = -1.0; }},
      {"field 'lanes.busy[1]' is not a number", [](auto& lanes) { lanes["busy"][1] = "fast"; }},
  };
  for (const auto& [expected, spoil] : faults) {
    nlohmann::json json = to_json(with_lanes());
    spoil(json["lanes"]);
    expect_error(ErrorKind::kInvalidData, expected, [&] { et_profile_from_json(json, "t.json"); });
  }
}

TEST(EtProfile, IsValidated) {
  EtProfile profile = example();
  profile.validate("t");
  profile.conv[1].p50 = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(profile.validate("t"), Error);
  profile = example();
  profile.planning[0] = -1.0;
  EXPECT_THROW(profile.validate("t"), Error);
}

TEST(EtProfile, UsesMedians) {
  EtProfile profile = example();
  profile.conv[1].mean = 1000.0;  // One run was delayed.
  EXPECT_EQ(profile.times().conv[1], 2e-3);
  EXPECT_DOUBLE_EQ(profile.run_seconds(), 1e-3 + 1e-4 + 2e-3 + 0.1);
  EXPECT_FALSE(profile.busy()) << "without quality figures";
}

TEST(EtProfile, IsBusyWhenTimesSpreadOrThreadsWaited) {
  EtProfile profile = example();
  const TimeStat quiet{1e-3, 0.95e-3, 1e-3, 1.1e-3, 1.5e-3};
  profile.quality = TimingQuality{.total = quiet, .excess = 1.01, .waiting = 0.02};
  EXPECT_FALSE(profile.busy());
  EXPECT_EQ(profile.run_seconds(), 1e-3);
  profile.quality->total.p90 = 2e-3;
  EXPECT_TRUE(profile.busy());
  EXPECT_EQ(profile.quality->text(), "p90/p10 = 2.1, waited 2 % of the time");
  profile.quality = TimingQuality{.total = quiet, .excess = 1.2, .waiting = 0.0};
  EXPECT_TRUE(profile.busy());
  profile.quality = TimingQuality{.total = quiet, .excess = 1.0, .waiting = 0.4};
  EXPECT_TRUE(profile.busy());
  const EtProfile after = et_profile_from_json(nlohmann::json::parse(to_json(profile).dump()), "t");
  EXPECT_TRUE(after.busy());
  EXPECT_EQ(after.quality->waiting, 0.4);
  EXPECT_EQ(to_json(after), to_json(profile));
}

TEST(EtProfileJson, StoresTheImplementations) {
  EtProfile profile = example();
  EXPECT_FALSE(to_json(profile).contains("tuning")) << "the default is not written";
  profile.tuning.choices = {{"conv1", "blocked:winograd"}};
  EXPECT_EQ(et_profile_from_json(to_json(profile), "t").tuning, profile.tuning);
}

}  // namespace
}  // namespace einet::profile
