#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "einet/answer.h"
#include "einet/model.h"
#include "einet/plan.h"
#include "einet/policy.h"
#include "einet/preprocessing.h"
#include "exec/program.h"
#include "predict/combination.h"

namespace einet {

/// The parts of a model, for callers that do not load a bundle from disk.
struct ModelParts {
  std::shared_ptr<const exec::Program> program;  ///< Batch size 1.
  std::vector<std::string> labels;               ///< One per class; may be empty.
  Normalization normalization;                   ///< One mean and deviation per channel, or empty.
  plan::BlockTimes times;                        ///< One conv part and branch per exit.
  PolicyFactory policy;
  Preprocessing preprocessing = {};  ///< Of pictures, before the normalisation.
  /// For combined answers; null = the model has none.
  std::shared_ptr<const predict::CombinationWeights> combination = nullptr;
  /// The most frequent class of the held-out samples and its share, for Initial::kFrequent; label -1 = unknown.
  Guess frequent = {};
  std::string digest = {};              ///< See Model::digest().
  std::vector<std::string> notes = {};  ///< See Model::notes().
};

/// Model::load() of a bundle in memory.
std::shared_ptr<const Model> make_model(bundle::Bundle bundle, const ModelOptions& options = {});

}  // namespace einet
