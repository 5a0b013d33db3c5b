#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "einet/bundle/bundle.h"
#include "einet/core/error.h"
#include "einet/io/file.h"
#include "einet/io/sha256.h"
#include "manifest.h"
#include "network.h"

namespace einet::bundle {
namespace fs = std::filesystem;
namespace {

/// Writes files into one directory and keeps their entries for the manifest.
class Writer {
 public:
  Writer(fs::path root, Manifest& manifest) : root_(std::move(root)), manifest_(manifest) {}

  void write(const std::string& file, const std::string& bytes) {
    io::write_file(place(file), bytes);
    manifest_.files[file] = {bytes.size(), io::sha256(bytes)};
  }

  void write_json(const std::string& file, const nlohmann::json& json) {
    write(file, json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }

  void write_confidences(const profile::CsProfile& profile) {
    const std::string file(kConfidences);
    profile::write_cs_profile(profile, place(file));
    const std::string bytes = io::read_file(root_ / file);
    manifest_.files[file] = {bytes.size(), io::sha256(bytes)};
  }

  /// A predictor has its weights always: without the network's own it still plans.
  void write_fit(std::string_view folder, const Fit& fit, graph::WeightStorage storage) {
    if (storage == graph::WeightStorage::kNone) storage = graph::WeightStorage::kFloat16;
    write(file_in(folder, kPredictor), graph::format_onnx(fit.predictor, storage));
    write_json(file_in(folder, kCalibration), predict::to_json(fit.beliefs));
  }

 private:
  fs::path place(const std::string& file) const {
    const fs::path path = root_ / file;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) throw Error(ErrorKind::kIo, path.parent_path().string(), error.message());
    return path;
  }

  fs::path root_;
  Manifest& manifest_;
};

/// Saving replaces the whole directory: it must not be somebody's folder of other things.
void check_replaceable(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return;
  const bool replaceable = fs::is_directory(path) && (fs::is_empty(path) || fs::exists(path / kManifest));
  if (!replaceable) throw Error(ErrorKind::kUsage, path.string(), "exists and is no bundle; not replaced");
}

}  // namespace

void save_bundle(const Bundle& bundle, const fs::path& path, std::optional<graph::WeightStorage> storage) {
  // "x.einet/" names the same directory as "x.einet", but only the latter has a name to rename to.
  const fs::path target = path.has_filename() ? path : path.parent_path();
  if (target.empty()) throw Error(ErrorKind::kUsage, "bundle", "needs a path to be saved to");
  check_bundle(bundle, target);
  check_replaceable(target);

  NetworkFacts facts = network_facts(bundle.graph, (target / kModel).string());
  Manifest manifest;
  manifest.name = bundle.name.empty() ? target.stem().string() : bundle.name;
  manifest.dataset = bundle.dataset;
  manifest.input = std::move(facts.input);
  manifest.normalization = bundle.normalization;
  manifest.classes = facts.classes;
  manifest.labels = bundle.labels;
  manifest.exits = std::move(facts.exits);
  manifest.weights = storage.value_or(bundle.weights);

  io::StagedDirectory staged(target);
  Writer writer(staged.path(), manifest);
  writer.write(std::string(kModel), graph::format_onnx(bundle.graph, manifest.weights));
  if (bundle.confidences) writer.write_confidences(*bundle.confidences);
  for (const auto& [platform, timing] : bundle.timing) {
    writer.write_json(file_in(kTimingFolder, platform + ".json"), profile::to_json(timing));
  }
  if (bundle.fit) writer.write_fit("", *bundle.fit, manifest.weights);
  for (int fold = 0; fold < 2; ++fold) {
    if (bundle.folds[fold]) writer.write_fit(kFoldFolders[fold], *bundle.folds[fold], manifest.weights);
  }
  io::write_file(staged.path() / kManifest, format_manifest(manifest));
  staged.commit();
}

}  // namespace einet::bundle
