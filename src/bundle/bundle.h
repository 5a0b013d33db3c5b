#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/hold_out.h"
#include "core/preprocessing.h"
#include "einet/preprocessing.h"
#include "graph/graph.h"
#include "graph/onnx_file.h"
#include "predict/belief.h"
#include "predict/combination.h"
#include "profile/cs_profile.h"
#include "profile/et_profile.h"

namespace einet::bundle {

/// A fitted predictor with its calibration.
struct Fit {
  graph::Graph predictor;
  predict::BeliefParameters beliefs;
};

/// Everything about one elastic network, in one directory `name.einet/` (docs/formats.md). Each stage of the pipeline
/// adds its part; missing parts are empty.
struct Bundle {
  std::string name;
  std::string dataset;              ///< What it was trained and profiled on; "" if unknown.
  std::optional<HoldOut> hold_out;  ///< How `dataset` was divided, unless the dataset defines that itself.
  Normalization normalization;
  Preprocessing preprocessing;  ///< Of pictures, before the normalisation.
  /// How weights are stored in the files; a loaded bundle is saved in the same form.
  graph::WeightStorage weights = graph::WeightStorage::kFloat16;
  std::vector<std::string> labels;  ///< One per class; may be empty.
  graph::Graph graph;               ///< model.onnx
  std::string digest;               ///< SHA-256 of the model.onnx that was loaded; "" for a bundle created in memory.
  std::optional<profile::CsProfile> confidences;  ///< confidence.npz, log_probabilities.npz
  /// timing/<platform>.json, by platform name. select_timing() (timing.h) finds the one to plan with.
  std::map<std::string, profile::EtProfile> timing;
  /// combination.json: how answers are combined; fitted on all held-out samples, and on held_out_half(k) only.
  std::optional<predict::CombinationWeights> combination;
  std::array<std::optional<predict::CombinationWeights>, 2> fold_combinations;
  std::optional<Fit> fit;                   ///< predictor.onnx, calibration.json: fitted on all held-out samples.
  std::array<std::optional<Fit>, 2> folds;  ///< fold<k>/…: fitted on held_out_half(k) only; scores the other half.

  /// Throws kNotFound if the bundle contains only the network's structure and profiles (weights kNone): it can be
  /// timed, planned for and simulated, but its answers would be meaningless.
  void require_weights() const;
  int exits() const { return static_cast<int>(graph.outputs.size()); }
  /// Whether predictors are fitted, on all held-out samples and on each half, which the held-out protocol needs.
  bool has_predictors() const { return fit && folds[0] && folds[1]; }
  /// `confidences`; throws kNotFound, naming the command that measures them, if there are none.
  const profile::CsProfile& measured_confidences() const;
  /// The scores that plans are based on: the fit's beliefs or, without a fit, the accuracies of the exits, which are
  /// the same for every sample. Throws kNotFound if there is neither.
  predict::BeliefParameters beliefs() const;
  /// The predictor that beliefs() need; nullptr if they do not depend on observations.
  std::unique_ptr<predict::Predictor> predictor() const;
};

/// Display name of a class: its entry in `labels`, or its number if it has none.
std::string label_name(const std::vector<std::string>& labels, int label);

/// Reads and verifies a bundle: the format version, the SHA-256 of every file, no file missing or in excess (files that
/// file managers create are ignored), agreement of all parts on exits and classes. Needs no write permission; starts
/// again if the bundle is replaced in the meantime. Throws kNotFound / kInvalidData naming the file and the fault.
Bundle load_bundle(const std::filesystem::path& path);

/// Writes the whole bundle beside `path` and renames it into place, replacing an existing bundle. `storage`, if given,
/// overrides bundle.weights. Saving a loaded bundle gives the same bytes. Throws kInvalidData, writing nothing, if the
/// parts do not agree or if the existing bundle contains files that are not part of it; kUsage if `path` exists and is
/// not a bundle; kIo. Does not compare with the content of the old bundle: see update.h for the results of commands.
void save_bundle(const Bundle& bundle, const std::filesystem::path& path,
                 std::optional<graph::WeightStorage> storage = std::nullopt);

/// The graph as it will be after saving and loading: with weights rounded to `storage`; kNone leaves them unchanged.
/// Measure on this graph before saving, so that the results are valid for the saved file.
graph::Graph with_rounded_weights(const graph::Graph& graph,
                                  graph::WeightStorage storage = graph::WeightStorage::kFloat16);

/// Throws kInvalidData, naming the file below `where` and the fault, unless every part is valid and all agree on exits
/// and classes. load_bundle() and save_bundle() call it.
void check_bundle(const Bundle& bundle, const std::filesystem::path& where);

}  // namespace einet::bundle
