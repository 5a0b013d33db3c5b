#include <nlohmann/json.hpp>

#include "einet/error.h"
#include "exec/tuning_cache.h"
#include "io/json_object.h"
#include "profile/decision_table_json.h"
#include "profile/et_profile.h"

namespace einet::profile {
namespace {

constexpr int kVersion = 1;

nlohmann::json to_json(const TimeStat& stat) {
  return {{"mean", stat.mean}, {"p10", stat.p10}, {"p50", stat.p50}, {"p90", stat.p90}, {"p99", stat.p99}};
}

nlohmann::json to_json(const std::vector<TimeStat>& stats) {
  nlohmann::json list = nlohmann::json::array();
  for (const TimeStat& stat : stats) list.push_back(to_json(stat));
  return list;
}

nlohmann::json to_json(const TimingQuality& quality) {
  return {{"busy", quality.busy()},
          {"spread", quality.total.spread()},
          {"excess", quality.excess},
          {"waiting", quality.waiting},
          {"total", to_json(quality.total)}};
}

nlohmann::json to_json(const LaneProfile& lanes) {
  nlohmann::json json = {{"samples", lanes.samples}, {"waiting", lanes.waiting},        {"conv", to_json(lanes.conv)},
                         {"busy", lanes.busy},       {"branch", to_json(lanes.branch)}, {"planning", lanes.planning}};
  if (lanes.decisions) json["decisions"] = profile::to_json(*lanes.decisions);
  return json;
}

TimeStat stat_from_json(const io::JsonObject& item) {
  return {item.number("mean", 0), item.number("p10", 0), item.number("p50", 0), item.number("p90", 0),
          item.number("p99", 0)};
}

std::vector<TimeStat> stats_from_json(const std::vector<io::JsonObject>& list) {
  std::vector<TimeStat> stats;
  for (const io::JsonObject& item : list) stats.push_back(stat_from_json(item));
  return stats;
}

LaneProfile lanes_from_json(const io::JsonObject& object, const nlohmann::json& json, const std::string& name) {
  LaneProfile lanes;
  lanes.samples = object.integer("samples", 1);
  lanes.waiting = object.number("waiting", 0);
  lanes.conv = stats_from_json(object.objects("conv"));
  lanes.busy = object.numbers("busy", 0);
  lanes.branch = stats_from_json(object.objects("branch"));
  lanes.planning = object.numbers("planning", 0);
  if (object.has("decisions")) {
    lanes.decisions = decision_table_from_json(json.at("decisions"), name + ": lanes.decisions");
  }
  return lanes;
}

}  // namespace

nlohmann::json to_json(const EtProfile& profile) {
  nlohmann::json json = {{"format", "einet-timing"},
                         {"version", kVersion},
                         {"unit", "s"},
                         {"platform",
                          {{"name", profile.platform.name},
                           {"processor", profile.platform.processor},
                           {"threads", profile.platform.threads},
                           {"precision", profile.platform.precision},
                           {"library", profile.platform.library}}},
                         {"samples", profile.samples},
                         {"conv", to_json(profile.conv)},
                         {"branch", to_json(profile.branch)},
                         {"planning", profile.planning}};
  if (profile.platform.hardware) json["platform"]["hardware"] = to_json(*profile.platform.hardware);
  if (profile.quality) json["quality"] = to_json(*profile.quality);
  if (!profile.date.empty()) json["date"] = profile.date;
  if (!profile.version.empty()) json["einet"] = profile.version;
  if (profile.decisions) json["decisions"] = to_json(*profile.decisions);
  if (profile.lanes) json["lanes"] = to_json(*profile.lanes);
  if (!profile.tuning.choices.empty()) json["tuning"] = to_json(profile.tuning);
  return json;
}

EtProfile et_profile_from_json(const nlohmann::json& json, const std::string& name) {
  const io::JsonObject root(json, name);
  root.expect_format("einet-timing", kVersion);
  if (const std::string unit = root.text("unit"); unit != "s") root.fail("unit", "is '" + unit + "', expected 's'");

  EtProfile profile;
  const io::JsonObject platform = root.object("platform");
  profile.platform.name = platform.text("name");
  profile.platform.processor = platform.text("processor");
  profile.platform.threads = static_cast<int>(platform.integer("threads", 1));
  profile.platform.precision = platform.text("precision");
  profile.platform.library = platform.text("library");
  if (platform.has("hardware")) {
    profile.platform.hardware =
        exec::hardware_from_json(json.at("platform").at("hardware"), name + ": platform.hardware");
  }
  if (root.has("quality")) {
    const io::JsonObject quality = root.object("quality");
    profile.quality = TimingQuality{.total = stat_from_json(quality.object("total")),
                                    .excess = quality.number("excess", 0),
                                    .waiting = quality.number("waiting", 0)};
  }
  if (root.has("date")) profile.date = root.text("date");
  if (root.has("einet")) profile.version = root.text("einet");
  if (root.has("tuning")) profile.tuning = exec::tuning_from_json(json.at("tuning"), name);
  profile.samples = root.integer("samples", 1);
  profile.conv = stats_from_json(root.objects("conv"));
  profile.branch = stats_from_json(root.objects("branch"));
  profile.planning = root.numbers("planning", 0);
  if (root.has("decisions")) profile.decisions = decision_table_from_json(json.at("decisions"), name + ": decisions");
  if (root.has("lanes")) profile.lanes = lanes_from_json(root.object("lanes"), json.at("lanes"), name);
  profile.validate(name);
  return profile;
}

}  // namespace einet::profile
