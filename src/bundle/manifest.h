#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/hold_out.h"
#include "core/preprocessing.h"
#include "einet/preprocessing.h"
#include "graph/onnx_file.h"

namespace einet::bundle {

inline constexpr std::string_view kManifest = "manifest.json";
inline constexpr std::string_view kModel = "model.onnx";
inline constexpr std::string_view kConfidences = "confidence.npz";
inline constexpr std::string_view kLogProbabilities = "log_probabilities.npz";
inline constexpr std::string_view kTimingFolder = "timing/";
inline constexpr std::string_view kPredictor = "predictor.onnx";
inline constexpr std::string_view kCalibration = "calibration.json";
inline constexpr std::string_view kCombination = "combination.json";

/// "fold0/" and "fold1/", the folders of the held-out protocol's fits.
inline constexpr std::array<std::string_view, 2> kFoldFolders = {"fold0/", "fold1/"};

/// The name of `file` in `folder`, which is "" or ends in '/'.
inline std::string file_in(std::string_view folder, std::string_view file) { return std::string(folder).append(file); }

inline constexpr std::uint64_t kLargestManifest = std::uint64_t{16} << 20;

struct FileEntry {
  std::uint64_t bytes = 0;
  std::string sha256;
};

/// manifest.json (docs/formats.md): facts about the network as a whole, and a list of all other files.
struct Manifest {
  std::string name;
  std::string dataset;
  std::vector<std::int64_t> input;  ///< [C,H,W]
  Normalization normalization;
  Preprocessing preprocessing;
  std::optional<HoldOut> hold_out;
  int classes = 0;
  std::vector<std::string> labels;
  std::vector<std::string> exits;  ///< Output names in the order of execution.
  graph::WeightStorage weights = graph::WeightStorage::kFloat16;
  std::map<std::string, FileEntry> files;  ///< By path relative to the bundle, with '/'.

  bool has(std::string_view file) const { return files.contains(std::string(file)); }
};

/// Whether these bytes are a bundle's manifest, of any version, even an invalid one: JSON that names the format.
bool is_manifest(std::string_view bytes);

/// Deterministic: the same manifest gives the same bytes.
std::string format_manifest(const Manifest& manifest);
/// Throws kInvalidData naming `name`. Only file names allowed in a bundle are accepted, so none leads outside it.
Manifest parse_manifest(std::string_view bytes, const std::string& name);

}  // namespace einet::bundle
