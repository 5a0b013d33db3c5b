#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "bundle/bundle.h"
#include "bundle/files.h"
#include "bundle/manifest.h"
#include "bundle/network.h"
#include "bundle/write.h"
#include "einet/error.h"
#include "io/sha256.h"
#include "io/staged_directory.h"

namespace einet::bundle {
namespace fs = std::filesystem;
namespace {

/// Writes files into one directory and keeps their entries for the manifest.
class Writer {
 public:
  Writer(io::StagedDirectory& staged, Manifest& manifest) : staged_(staged), manifest_(manifest) {}

  void write(const std::string& file, const std::string& bytes) {
    staged_.write(file, bytes);
    manifest_.files[file] = {bytes.size(), io::sha256(bytes)};
  }

  void write_json(const std::string& file, const nlohmann::json& json) {
    write(file, json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }

  /// The predictor's weights are always written: it is needed for planning even if the network has no weights.
  void write_fit(std::string_view folder, const Fit& fit, graph::WeightStorage storage) {
    if (storage == graph::WeightStorage::kNone) storage = graph::WeightStorage::kFloat16;
    write(file_in(folder, kPredictor), graph::format_onnx(fit.predictor, storage));
    write_json(file_in(folder, kCalibration), predict::to_json(fit.beliefs));
  }

 private:
  io::StagedDirectory& staged_;
  Manifest& manifest_;
};

}  // namespace

void write_bundle(const Bundle& bundle, const fs::path& path, io::StagedDirectory& staged) {
  NetworkFacts facts = network_facts(bundle.graph, (path / kModel).string());
  Manifest manifest;
  manifest.name = bundle.name.empty() ? io::directory_place(path).stem().string() : bundle.name;
  manifest.dataset = bundle.dataset;
  manifest.input = std::move(facts.input);
  manifest.normalization = bundle.normalization;
  manifest.preprocessing = bundle.preprocessing;
  manifest.hold_out = bundle.hold_out;
  manifest.classes = facts.classes;
  manifest.labels = bundle.labels;
  manifest.exits = std::move(facts.exits);
  manifest.weights = bundle.weights;

  Writer writer(staged, manifest);
  writer.write(std::string(kModel), graph::format_onnx(bundle.graph, manifest.weights));
  if (bundle.confidences) {
    writer.write(std::string(kConfidences),
                 profile::format_cs_profile(*bundle.confidences, (path / kConfidences).string()));
    if (bundle.confidences->has_log_probabilities()) {
      writer.write(std::string(kLogProbabilities),
                   profile::format_log_probabilities(*bundle.confidences, (path / kLogProbabilities).string()));
    }
  }
  if (bundle.combination) writer.write_json(std::string(kCombination), predict::to_json(*bundle.combination));
  for (int fold = 0; fold < 2; ++fold) {
    if (!bundle.fold_combinations[fold]) continue;
    writer.write_json(file_in(kFoldFolders[fold], kCombination), predict::to_json(*bundle.fold_combinations[fold]));
  }
  for (const auto& [platform, timing] : bundle.timing) {
    writer.write_json(file_in(kTimingFolder, platform + ".json"), profile::to_json(timing));
  }
  if (bundle.fit) writer.write_fit("", *bundle.fit, manifest.weights);
  for (int fold = 0; fold < 2; ++fold) {
    if (bundle.folds[fold]) writer.write_fit(kFoldFolders[fold], *bundle.folds[fold], manifest.weights);
  }
  staged.write(kManifest, format_manifest(manifest));
}

void save_bundle(const Bundle& bundle, const fs::path& path, std::optional<graph::WeightStorage> storage) {
  if (path.empty()) throw Error(ErrorKind::kUsage, "bundle", "needs a path");
  if (storage && *storage != bundle.weights) {
    Bundle changed = bundle;
    changed.weights = *storage;
    return save_bundle(changed, path);
  }
  check_bundle(bundle, path);
  io::StagedDirectory staged(path);
  check_replaceable(path);
  write_bundle(bundle, path, staged);
  staged.commit();
}

}  // namespace einet::bundle
