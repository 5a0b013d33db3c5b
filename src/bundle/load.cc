// A bundle is verified in this order: the manifest; that exactly the files it lists are present; their sizes and
// checksums; each part; the agreement of the parts. No file but the manifest is parsed before all checksums have been
// verified. If reading fails and another directory is at the path by then, a writer has replaced the bundle, and
// reading starts again.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "bundle/bundle.h"
#include "bundle/files.h"
#include "bundle/manifest.h"
#include "bundle/network.h"
#include "einet/error.h"
#include "io/directory_identity.h"
#include "io/file.h"
#include "io/json_object.h"
#include "io/sha256.h"
#include "io/staged_directory.h"

namespace einet::bundle {
namespace fs = std::filesystem;
namespace {

constexpr int kMostTries = 100;

[[noreturn]] void fail(const fs::path& file, const std::string& fault) {
  throw Error(ErrorKind::kInvalidData, file.string(), fault);
}

/// The bytes of a file, checked against the manifest.
std::string verified(const fs::path& root, const std::string& file, const FileEntry& entry) {
  const fs::path path = root / file;
  std::error_code error;
  if (!fs::exists(path, error)) fail(path, "is listed in manifest.json but missing");
  std::string bytes = io::read_file(path);
  if (bytes.size() != entry.bytes) {
    fail(path, "has " + std::to_string(bytes.size()) + " bytes, manifest.json states " + std::to_string(entry.bytes));
  }
  if (io::sha256(bytes) != entry.sha256) fail(path, "checksum differs from manifest.json: the file was changed");
  return bytes;
}

/// The verified bytes of all files, by name.
std::map<std::string, std::string> read_files(const fs::path& root, const Manifest& manifest) {
  check_nothing_else(root, manifest);
  std::map<std::string, std::string> files;
  for (const auto& [file, entry] : manifest.files) files[file] = verified(root, file, entry);
  return files;
}

Fit read_fit(const std::map<std::string, std::string>& files, const fs::path& root, std::string_view folder) {
  const std::string predictor = file_in(folder, kPredictor);
  const std::string calibration = file_in(folder, kCalibration);
  const std::string name = (root / calibration).string();
  return {graph::parse_onnx(files.at(predictor), (root / predictor).string()),
          predict::belief_parameters_from_json(io::parse_json(files.at(calibration), name), name)};
}

std::optional<predict::CombinationWeights> read_combination(const std::map<std::string, std::string>& files,
                                                            const fs::path& root, std::string_view folder) {
  const auto found = files.find(file_in(folder, kCombination));
  if (found == files.end()) return std::nullopt;
  const std::string name = (root / found->first).string();
  return predict::combination_weights_from_json(io::parse_json(found->second, name), name);
}

/// The manifest repeats facts of the graph, so that readers need no ONNX parser; the two must agree.
void check_manifest(const Manifest& manifest, const Bundle& bundle, const fs::path& root) {
  const NetworkFacts facts = network_facts(bundle.graph, (root / kModel).string());
  if (manifest.input != facts.input) fail(root / kManifest, "field 'input' differs from the shape in model.onnx");
  if (manifest.classes != facts.classes) fail(root / kManifest, "field 'classes' differs from model.onnx");
  if (manifest.exits != facts.exits) fail(root / kManifest, "field 'exits' differs from the outputs of model.onnx");
}

Bundle load_once(const fs::path& root) {
  std::error_code error;
  if (!fs::exists(root, error)) throw Error(ErrorKind::kNotFound, root.string(), "no such bundle");
  if (!fs::is_directory(root, error)) fail(root, "is not a bundle (a directory with a manifest.json)");
  if (!fs::exists(root / kManifest, error)) fail(root, "is not a bundle: it has no manifest.json");

  const fs::path manifest_path = root / kManifest;
  const Manifest manifest = parse_manifest(io::read_file(manifest_path, kLargestManifest), manifest_path.string());
  const std::map<std::string, std::string> files = read_files(root, manifest);

  Bundle bundle;
  bundle.name = manifest.name;
  bundle.dataset = manifest.dataset;
  bundle.hold_out = manifest.hold_out;
  bundle.normalization = manifest.normalization;
  bundle.preprocessing = manifest.preprocessing;
  bundle.weights = manifest.weights;
  bundle.labels = manifest.labels;
  bundle.graph = graph::parse_onnx(files.at(std::string(kModel)), (root / kModel).string());
  bundle.digest = manifest.files.at(std::string(kModel)).sha256;
  check_manifest(manifest, bundle, root);
  if (manifest.has(kConfidences)) {
    bundle.confidences = profile::parse_cs_profile(files.at(std::string(kConfidences)), (root / kConfidences).string());
  }
  if (manifest.has(kLogProbabilities)) {
    profile::parse_log_probabilities(files.at(std::string(kLogProbabilities)), (root / kLogProbabilities).string(),
                                     *bundle.confidences);
  }
  bundle.combination = read_combination(files, root, "");
  for (int fold = 0; fold < 2; ++fold) {
    bundle.fold_combinations[fold] = read_combination(files, root, kFoldFolders[fold]);
  }
  for (const auto& [file, bytes] : files) {
    if (!file.starts_with(kTimingFolder)) continue;
    const std::string name = (root / file).string();
    bundle.timing[fs::path(file).stem().string()] = profile::et_profile_from_json(io::parse_json(bytes, name), name);
  }
  if (manifest.has(kPredictor)) bundle.fit = read_fit(files, root, "");
  for (int fold = 0; fold < 2; ++fold) {
    if (!manifest.has(file_in(kFoldFolders[fold], kPredictor))) continue;
    bundle.folds[fold] = read_fit(files, root, kFoldFolders[fold]);
  }
  check_bundle(bundle, root);
  return bundle;
}

}  // namespace

Bundle load_bundle(const fs::path& path) {
  const fs::path root = path.has_filename() ? path : path.parent_path();
  std::error_code error;
  if (!fs::exists(root, error)) io::finish_interrupted_replacement(root);
  for (int tries = 1;; ++tries) {
    const io::DirectoryIdentity before(root);
    try {
      return load_once(root);
    } catch (const Error&) {
      // Files of a bundle that is being replaced may be missing or already belong to the new bundle.
      if (tries == kMostTries || !before.changed()) throw;
      if (!fs::exists(root, error)) io::finish_interrupted_replacement(root);
      if (!fs::exists(root, error)) throw;
    }
  }
}

}  // namespace einet::bundle
