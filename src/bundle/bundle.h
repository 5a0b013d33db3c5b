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

/// Everything about one elastic network in one directory `name.einet/` (docs/formats.md). Each stage of the pipeline
/// adds its part; a part not there yet is empty.
struct Bundle {
  std::string name;
  std::string dataset;              ///< What it was trained and profiled on; "" when unknown.
  std::optional<HoldOut> hold_out;  ///< How `dataset` was divided, where it does not say so itself.
  Normalization normalization;
  Preprocessing preprocessing;  ///< Of pictures, before the normalisation.
  /// How weights are stored in the files; a loaded bundle is saved as it was.
  graph::WeightStorage weights = graph::WeightStorage::kFloat16;
  std::vector<std::string> labels;  ///< One per class; may be empty.
  graph::Graph graph;               ///< model.onnx
  std::string digest;  ///< SHA-256 of model.onnx where the bundle was loaded from; "" for one made in memory.
  std::optional<profile::CsProfile> confidences;  ///< confidence.npz, log_probabilities.npz
  /// timing/<platform>.json, by platform name. select_timing() (timing.h) finds the one to plan with.
  std::map<std::string, profile::EtProfile> timing;
  /// combination.json: how answers are combined, fitted on all held-out samples; and on held_out_half(k) only.
  std::optional<predict::CombinationWeights> combination;
  std::array<std::optional<predict::CombinationWeights>, 2> fold_combinations;
  std::optional<Fit> fit;                   ///< predictor.onnx, calibration.json: fitted on all held-out samples.
  std::array<std::optional<Fit>, 2> folds;  ///< fold<k>/…: fitted on held_out_half(k) only; scores the other half.

  /// Throws kNotFound where the bundle holds the network's structure and profiles only (weights kNone): it can be
  /// timed, planned and simulated, but what it would answer means nothing.
  void require_weights() const;
  int exits() const { return static_cast<int>(graph.outputs.size()); }
  /// `confidences`, else throws kNotFound saying how to measure them.
  const profile::CsProfile& measured_confidences() const;
  /// What plans go by: the fit's beliefs, or without one the accuracies of the exits, which no run changes. Throws
  /// kNotFound where there is neither.
  predict::BeliefParameters beliefs() const;
  /// The predictor that beliefs() need; nullptr where they learn nothing.
  std::unique_ptr<predict::Predictor> predictor() const;
};

/// Display name of a class: its entry in `labels`, or its number if it has none.
std::string label_name(const std::vector<std::string>& labels, int label);

/// Reads and verifies a bundle: the format version, the sha256 of every file, no file too many or missing (those that
/// file managers leave are ignored), agreement of all parts about exits and classes. Needs no write permission; starts
/// again when the bundle was replaced meanwhile. Throws kNotFound / kInvalidData naming the file and the fault.
Bundle load_bundle(const std::filesystem::path& path);

/// Writes the whole bundle beside `path` and renames it into place; a bundle that was there is replaced. `storage`,
/// when given, goes before bundle.weights. Saving what was loaded gives the same bytes. Throws kInvalidData, writing
/// nothing, when the parts do not agree or when the existing bundle holds files that are not part of it; kUsage
/// when `path` is not a bundle (it would be replaced); kIo. Does not compare with the content of the old bundle:
/// see update.h for results of commands.
void save_bundle(const Bundle& bundle, const std::filesystem::path& path,
                 std::optional<graph::WeightStorage> storage = std::nullopt);

/// The graph as a bundle gives it back: with weights rounded to `storage`; kNone leaves them as they are. What is
/// measured before saving should be measured on this, so that it is true of the file.
graph::Graph with_rounded_weights(const graph::Graph& graph,
                                  graph::WeightStorage storage = graph::WeightStorage::kFloat16);

/// Throws kInvalidData, naming the file below `where` and the fault, unless all parts agree about exits and classes and
/// are valid in themselves. load_bundle() and save_bundle() call it.
void check_bundle(const Bundle& bundle, const std::filesystem::path& where);

}  // namespace einet::bundle
