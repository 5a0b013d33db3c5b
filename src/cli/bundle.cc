#include "bundle/bundle.h"

#include <cstdint>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "cli/combination_report.h"
#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/parse.h"
#include "core/preprocessing.h"
#include "exec/platform.h"
#include "fit/combined_answers.h"
#include "graph/head.h"
#include "graph/onnx_file.h"
#include "graph/shape_inference.h"

namespace einet::cli {
namespace {

namespace fs = std::filesystem;

/// Bytes of each file by its path in the bundle.
std::map<std::string, std::uintmax_t> file_sizes(const fs::path& root) {
  std::map<std::string, std::uintmax_t> sizes;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file()) sizes[entry.path().lexically_relative(root).generic_string()] = entry.file_size();
  }
  return sizes;
}

bool is_here(const exec::Platform& platform) {
  const exec::Precision precision = exec::parse_precision(platform.precision);
  return platform.name == exec::this_platform(platform.threads, precision).name ||
         platform.name == exec::earlier_name(platform.threads, precision);
}

nlohmann::json describe_timing(const profile::EtProfile& timing) {
  nlohmann::json json = {{"platform", timing.platform.name},
                         {"processor", timing.platform.processor},
                         {"threads", timing.platform.threads},
                         {"precision", timing.platform.precision},
                         {"library", timing.platform.library},
                         {"this_machine", is_here(timing.platform)},
                         {"horizon_seconds", timing.times().total()},
                         {"runs", timing.samples},
                         {"date", nullptr},
                         {"einet", nullptr},
                         {"quality", nullptr}};
  if (!timing.date.empty()) json["date"] = timing.date;
  if (!timing.version.empty()) json["einet"] = timing.version;
  if (timing.quality) {
    json["quality"] = {{"busy", timing.quality->busy()},
                       {"spread", timing.quality->total.spread()},
                       {"excess", timing.quality->excess},
                       {"waiting", timing.quality->waiting}};
  }
  return json;
}

nlohmann::json describe_bundle(const bundle::Bundle& bundle, const fs::path& root) {
  const graph::Shape& input = bundle.graph.inputs.front().shape;
  const std::string& exit = bundle.graph.outputs.front();
  const int classes = graph::exit_classes(bundle.graph, exit, graph::infer_shapes(bundle.graph, 1).at(exit));
  nlohmann::json json = {{"name", bundle.name},
                         {"dataset", bundle.dataset},
                         {"input", graph::Shape(input.begin() + 1, input.end())},
                         {"exits", bundle.graph.outputs},
                         {"classes", classes},
                         {"labels", bundle.labels},
                         {"preprocessing", nullptr},
                         {"split", nullptr},
                         {"weights", graph::to_string(bundle.weights)},
                         {"samples", nullptr},
                         {"accuracies", nullptr},
                         {"timings", nlohmann::json::array()},
                         {"combined_answers", nullptr},
                         {"log_probabilities", bundle.confidences && bundle.confidences->has_log_probabilities()},
                         {"predictor", nullptr},
                         {"held_out_predictors", bundle.has_predictors()},
                         {"files", file_sizes(root)}};
  if (bundle.preprocessing.given()) {
    json["preprocessing"] = {{"resize", bundle.preprocessing.resize},
                             {"crop", bundle.preprocessing.crop},
                             {"interpolation", to_string(bundle.preprocessing.interpolation)}};
  }
  if (bundle.hold_out) json["split"] = {{"train", bundle.hold_out->train_share}, {"seed", bundle.hold_out->seed}};
  if (bundle.confidences) {
    json["samples"] = bundle.confidences->samples();
    json["accuracies"] = bundle.confidences->accuracies();
  }
  for (const auto& [platform, timing] : bundle.timing) json["timings"].push_back(describe_timing(timing));
  if (bundle.combination) json["combined_answers"] = fit::combination_summary(*bundle.combination);
  if (bundle.fit) {
    json["predictor"] = {{"target", bundle.fit->beliefs.target}, {"shrinkage", bundle.fit->beliefs.shrinkage}};
  }
  return json;
}

std::string text_of_split(const nlohmann::json& split) {
  if (split.is_null()) return "";
  std::ostringstream text;
  text << ", " << 100 * split["train"].get<double>() << " % for training (split seed " << split["seed"] << ')';
  return text.str();
}

std::string text_of(const nlohmann::json& quality) {
  if (quality.is_null()) return "quality unknown";
  char numbers[64];
  std::snprintf(numbers, sizeof numbers, " (p90/p10 = %.2f, waited %.0f %%)", quality["spread"].get<double>(),
                100 * quality["waiting"].get<double>());
  return (quality["busy"].get<bool>() ? "on a busy machine" : "undisturbed") + std::string(numbers);
}

void print_timing(const nlohmann::json& timing) {
  std::cout << "  " << timing["platform"].get<std::string>() << (timing["this_machine"].get<bool>() ? "  (here)" : "")
            << "\n    " << timing["processor"].get<std::string>() << ", " << timing["threads"] << " thread"
            << (timing["threads"] == 1 ? "" : "s") << ", " << timing["precision"].get<std::string>() << ", "
            << timing["library"].get<std::string>() << "\n    " << format_seconds(timing["horizon_seconds"])
            << " to run everything, " << timing["runs"] << " runs, " << text_of(timing["quality"]) << ", measured "
            << (timing["date"].is_null() ? "at an unknown date" : "on " + timing["date"].get<std::string>())
            << (timing["einet"].is_null() ? "" : " by EINet " + timing["einet"].get<std::string>()) << '\n';
}

void print(const nlohmann::json& info, const Preprocessing& preprocessing) {
  const auto known = [](const std::string& text) { return text.empty() ? "unknown" : text; };
  std::cout << info["name"].get<std::string>() << ": " << info["exits"].size() << " exits, " << info["classes"]
            << " classes, input " << graph::to_string(info["input"].get<graph::Shape>()) << ", weights "
            << info["weights"].get<std::string>() << "\ndataset: " << known(info["dataset"].get<std::string>())
            << text_of_split(info["split"]) << "\npictures: " << to_string(preprocessing) << '\n';
  if (info["samples"].is_null()) {
    std::cout << "confidences: none; einet profile --data measures them\n";
  } else {
    std::cout << "confidences: " << info["samples"] << " held-out samples, " << std::fixed << std::setprecision(2)
              << 100 * info["accuracies"].front().get<double>() << " % accuracy at the first exit, "
              << 100 * info["accuracies"].back().get<double>() << " % at the last\n";
  }
  if (!info["combined_answers"].is_null()) {
    const nlohmann::json& combined = info["combined_answers"];
    std::cout << "combined answers: " << std::showpos << std::setprecision(2) << 100 * combined["gain"].get<double>()
              << std::noshowpos << " +- " << 100 * combined["gain_stderr"].get<double>() << " points, "
              << (combined["default"].get<bool>() ? "published by default" : "not published by default")
              << (info["log_probabilities"].get<bool>() ? "" : "; without log-probabilities") << '\n';
  }
  if (info["predictor"].is_null()) {
    std::cout << "predictor: none; einet predictor fit adds one\n";
  } else {
    std::cout << "predictor: of " << info["predictor"]["target"].get<std::string>() << ", calibrated, shrinkage "
              << std::setprecision(2) << info["predictor"]["shrinkage"].get<double>()
              << (info["held_out_predictors"].get<bool>() ? "; with predictors of both halves" : "") << '\n';
  }
  std::cout << (info["timings"].empty() ? "times: none; einet profile BUNDLE --timing-only measures them\n"
                                        : "times:\n");
  for (const auto& timing : info["timings"]) print_timing(timing);
  std::uintmax_t total = 0;
  std::cout << "files:\n";
  for (const auto& [file, bytes] : info["files"].items()) {
    std::cout << std::setw(12) << bytes.get<std::uintmax_t>() << "  " << file << '\n';
    total += bytes.get<std::uintmax_t>();
  }
  std::cout << std::setw(12) << total << "  bytes in total\n";
}

}  // namespace

void add_bundle(CLI::App& app) {
  CLI::App* bundle = app.add_subcommand("bundle", "Print the contents of a bundle");
  bundle->require_subcommand(1);
  CLI::App* sub = bundle->add_subcommand("info", "Network, confidences, times of each platform, predictor, files");
  auto path = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  sub->add_option("bundle", *path, "Bundle (name.einet)")->required();
  sub->add_flag("--json", *json, "Print JSON");
  sub->callback([path, json] {
    const bundle::Bundle bundle = bundle::load_bundle(*path);
    const nlohmann::json info = describe_bundle(bundle, *path);
    if (*json) {
      print_json(info);
    } else {
      print(info, bundle.preprocessing);
    }
  });
}

}  // namespace einet::cli
