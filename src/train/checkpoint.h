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

/// All that a training needs to go on as if never interrupted. Data order, augmentation and dropout are functions of
/// the seed and the step, so no generator's state is kept.
struct Checkpoint {
  nlohmann::json identity;  ///< What must be the same when going on: see identity_of().
  std::int64_t step = 0;    ///< Steps done since the beginning, all epochs together.
  double epoch_loss = 0;    ///< Sum over the steps of the unfinished epoch.
  std::int64_t steps = 0;   ///< Of the whole training.
  double epoch_seconds = 0;
  double epoch_waiting_seconds = 0;
  std::vector<EpochReport> epochs;                      ///< The finished ones.
  std::map<std::string, std::vector<float>> weights;    ///< Parameters and running statistics by initializer.
  std::map<std::string, std::vector<float>> optimizer;  ///< By Optimizer::state()'s names.
};

/// Network (structure and initial weights, as SHA-256), data and every option that the result depends on. Options that
/// came later are there only where they differ from what was done before there was a choice.
nlohmann::json identity_of(const graph::Graph& graph, const data::Dataset& training, const TrainOptions& options);

/// One NumPy archive "checkpoint.npz" in `directory`, which is created; beside and renamed. Keys: "state" (JSON text),
/// "weight/NAME" and what the optimizer keeps, as "momentum/NAME".
void write_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& directory);

/// Keeps a checkpoint that another training left in `directory` as "checkpoint.old.npz".
void set_aside_checkpoint(const std::filesystem::path& directory);

/// Nothing where the directory has none. Throws kInvalidData naming the file: damaged, of a newer version, or
/// `identity` differs (the first difference is named).
std::optional<Checkpoint> read_checkpoint(const std::filesystem::path& directory, const nlohmann::json& identity);

/// "log.csv" in `directory`: epoch, loss, seconds, share of them spent waiting for data, the accuracy of every exit.
void write_log(const std::vector<EpochReport>& epochs, const std::filesystem::path& directory);

}  // namespace einet::train
