#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "train/trainer.h"

namespace einet::train {

/// Everything needed to resume an interrupted training run exactly. Data order, augmentation and dropout are functions
/// of the seed and the step, so no generator state is stored.
struct Checkpoint {
  nlohmann::json identity;                ///< What must be the same when resuming: see identity_of().
  std::int64_t step = 0;                  ///< Completed steps since the beginning, over all epochs.
  double epoch_loss = 0;                  ///< Sum over the steps of the unfinished epoch.
  std::vector<double> epoch_exit_losses;  ///< The same by exit; NaN = not trained by the last step.
  std::int64_t steps = 0;                 ///< Of the whole training run.
  double epoch_seconds = 0;
  double epoch_waiting_seconds = 0;
  std::vector<EpochReport> epochs;                      ///< The finished ones.
  std::map<std::string, std::vector<float>> weights;    ///< Parameters and running statistics by initializer.
  std::map<std::string, std::vector<float>> optimizer;  ///< By Optimizer::state()'s names.
};

/// Network (structure and initial weights, as SHA-256), data and every option that affects the result. Options
/// introduced later are included only if they differ from the earlier behaviour, so that old checkpoints remain valid.
nlohmann::json identity_of(const graph::Graph& graph, const data::Dataset& training, const TrainOptions& options);

/// NaN becomes null when the object is written.
nlohmann::json to_json(const EpochReport& report);

/// Everything but weights and optimizer, as JSON text, and back. Throws kInvalidData naming `name`; nlohmann's
/// exceptions for text that write_state() did not write.
std::string write_state(const Checkpoint& checkpoint);
Checkpoint read_state(const std::string& text, const std::string& name);

/// The first key whose values differ; empty if there is none.
std::string first_difference(const nlohmann::json& identity, const nlohmann::json& other);

/// Writes the NumPy archive "checkpoint.npz" atomically to `directory`, which is created. Keys: "state" (JSON text),
/// "weight/NAME" and the optimizer's state, such as "momentum/NAME".
void write_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& directory);

/// Renames a checkpoint of another training run in `directory` to "checkpoint.old.npz".
void set_aside_checkpoint(const std::filesystem::path& directory);

/// Empty if the directory has no checkpoint. Throws kInvalidData naming the file if it is damaged or of a newer
/// version, or if `identity` differs (the first difference is named).
std::optional<Checkpoint> read_checkpoint(const std::filesystem::path& directory, const nlohmann::json& identity);

}  // namespace einet::train
