#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "reproduce/recipes.h"

namespace einet::reproduce {

/// One command of a recipe.
struct TrainingStep {
  std::vector<std::string> arguments;  ///< Of `einet`.
  /// Created before; a checkpoint.npz in it makes the step continue with --resume. Empty for steps without checkpoint.
  std::filesystem::path checkpoint = {};
};

/// The commands for `recipe`, for those of zoo/RECIPES.md the same that scripts/make-bundle runs, with the bundle in
/// `bundles` and checkpoints and weights in `work`. `data_directory`: --dir of the commands that read images; "" = the
/// usual places. Throws kUsage for a data set without known input shape.
std::vector<TrainingStep> training_steps(const Recipe& recipe, const std::filesystem::path& bundles,
                                         const std::filesystem::path& work, const std::string& data_directory);

/// The command that fits the predictors of a bundle.
TrainingStep fitting_step(const std::filesystem::path& bundle);

}  // namespace einet::reproduce
