#include "bundle/manifest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "exec/platform.h"
#include "io/json_object.h"

namespace einet::bundle {
namespace {

constexpr std::string_view kFormat = "einet-bundle";
constexpr int kVersion = 1;
constexpr double kLowest = std::numeric_limits<double>::lowest();

/// The double with the shortest decimal form that reads back as this float: 0.286f is written 0.286.
double shortest(float value) {
  std::array<char, 32> text;
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value);
  double result = 0;
  std::from_chars(text.data(), written.ptr, result);
  return result;
}

std::vector<double> shortest(const std::vector<float>& values) {
  std::vector<double> result;
  for (const float value : values) result.push_back(shortest(value));
  return result;
}

nlohmann::json preprocessing_to_json(const Preprocessing& preprocessing) {
  nlohmann::json json = nlohmann::json::object();
  if (!preprocessing.resize.empty()) {
    json["resize"] = preprocessing.resize;
    json["interpolation"] = to_string(preprocessing.interpolation);
  }
  if (!preprocessing.crop.empty()) json["crop"] = preprocessing.crop;
  return json;
}

Preprocessing preprocessing_from_json(const io::JsonObject& json) {
  const auto sides = [&](std::string_view key) {
    std::vector<int> values;
    for (const std::int64_t side : json.has(key) ? json.integers(key, 1) : std::vector<std::int64_t>()) {
      values.push_back(static_cast<int>(std::min<std::int64_t>(side, INT32_MAX)));
    }
    return values;
  };
  Preprocessing preprocessing{.resize = sides("resize"), .crop = sides("crop")};
  if (json.has("interpolation")) {
    const auto interpolation = parse_interpolation(json.text("interpolation"));
    if (!interpolation) json.fail("interpolation", "is not nearest, bilinear or bicubic");
    preprocessing.interpolation = *interpolation;
  }
  return preprocessing;
}

HoldOut hold_out_from_json(const io::JsonObject& json) {
  const HoldOut hold_out{.train_share = json.number("train", 0), .seed = json.integer("seed", 0)};
  if (!hold_out.valid()) json.fail("train", "is not between 0 and 1");
  return hold_out;
}

std::vector<float> floats(const std::vector<double>& values) { return {values.begin(), values.end()}; }

/// The only files that a bundle may have; none of these names can lead outside it.
bool is_allowed(std::string_view file) {
  if (file.starts_with(kTimingFolder) && file.ends_with(".json")) {
    const std::string_view platform = file.substr(kTimingFolder.size(), file.size() - kTimingFolder.size() - 5);
    return exec::file_name_safe(platform) == platform;
  }
  for (const std::string_view folder : kFoldFolders) {
    for (const std::string_view name : {kPredictor, kCalibration, kCombination}) {
      if (file == file_in(folder, name)) return true;
    }
  }
  return file == kModel || file == kConfidences || file == kLogProbabilities || file == kPredictor ||
         file == kCalibration || file == kCombination;
}

bool is_sha256(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::map<std::string, FileEntry> files_from_json(const io::JsonObject& json) {
  std::map<std::string, FileEntry> files;
  for (const std::string& file : json.keys()) {
    if (!is_allowed(file)) json.fail(file, "is not a file name allowed in a bundle");
    const io::JsonObject item = json.object(file);
    FileEntry entry{static_cast<std::uint64_t>(item.integer("bytes", 0)), item.text("sha256")};
    if (!is_sha256(entry.sha256)) item.fail("sha256", "is not a SHA-256");
    files.emplace(file, std::move(entry));
  }
  if (!files.contains(std::string(kModel))) json.fail(kModel, "is missing");
  if (files.contains(std::string(kLogProbabilities)) && !files.contains(std::string(kConfidences))) {
    json.fail(kConfidences, "is missing");
  }
  for (const std::string_view folder : {std::string_view(), kFoldFolders[0], kFoldFolders[1]}) {
    const std::string predictor = file_in(folder, kPredictor);
    const std::string calibration = file_in(folder, kCalibration);
    if (files.contains(predictor) && !files.contains(calibration)) json.fail(calibration, "is missing");
    if (files.contains(calibration) && !files.contains(predictor)) json.fail(predictor, "is missing");
  }
  return files;
}

}  // namespace

std::string format_manifest(const Manifest& manifest) {
  nlohmann::json files = nlohmann::json::object();
  for (const auto& [file, entry] : manifest.files) files[file] = {{"bytes", entry.bytes}, {"sha256", entry.sha256}};
  nlohmann::json json = {
      {"format", kFormat},
      {"version", kVersion},
      {"name", manifest.name},
      {"dataset", manifest.dataset},
      {"input", manifest.input},
      {"normalization",
       {{"mean", shortest(manifest.normalization.mean)}, {"stddev", shortest(manifest.normalization.stddev)}}},
      {"classes", manifest.classes},
      {"labels", manifest.labels},
      {"exits", manifest.exits},
      {"weights", graph::to_string(manifest.weights)},
      {"files", files}};
  if (manifest.preprocessing.given()) json["preprocessing"] = preprocessing_to_json(manifest.preprocessing);
  if (manifest.hold_out) {
    json["split"] = {{"train", manifest.hold_out->train_share}, {"seed", manifest.hold_out->seed}};
  }
  // Bytes that are not UTF-8 are replaced; they would otherwise throw during saving.
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

bool is_manifest(std::string_view bytes) {
  const nlohmann::json json = nlohmann::json::parse(bytes, nullptr, false);
  return json.is_object() && json.contains("format") && json["format"] == kFormat;
}

Manifest parse_manifest(std::string_view bytes, const std::string& name) {
  const nlohmann::json json = io::parse_json(bytes, name);
  const io::JsonObject root(json, name);
  root.expect_format(kFormat, kVersion);

  Manifest manifest;
  manifest.name = root.text("name");
  manifest.dataset = root.text("dataset");
  manifest.input = root.integers("input", 1);
  const io::JsonObject normalization = root.object("normalization");
  manifest.normalization = {floats(normalization.numbers("mean", kLowest)), floats(normalization.numbers("stddev", 0))};
  if (root.has("preprocessing")) manifest.preprocessing = preprocessing_from_json(root.object("preprocessing"));
  if (root.has("split")) manifest.hold_out = hold_out_from_json(root.object("split"));
  manifest.classes = static_cast<int>(std::min<std::int64_t>(root.integer("classes", 1), INT32_MAX));
  manifest.labels = root.texts("labels");
  manifest.exits = root.texts("exits");
  const std::string weights = root.text("weights");
  const auto storage = graph::parse_weight_storage(weights);
  if (!storage) root.fail("weights", "is not a known weight format");
  manifest.weights = *storage;
  manifest.files = files_from_json(root.object("files"));
  return manifest;
}

}  // namespace einet::bundle
