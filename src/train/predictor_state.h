#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "profile/cs_profile.h"
#include "train/predictor_trainer.h"

namespace einet::train {

/// Everything that an interrupted training of a predictor needs to continue as if it had not been interrupted.
struct PredictorState {
  int epoch = 0;                                     ///< Epochs done.
  double sum = 0.0;                                  ///< Loss of the last epoch, summed over its batches.
  std::mt19937_64 random;                            ///< After these epochs.
  std::vector<std::int32_t> order;                   ///< Of the samples in the last epoch.
  std::map<std::string, std::vector<float>> floats;  ///< Weights and optimizer by name.
};

/// `directory`/predictor-<digest>.npz, where the digest is that of the samples and of every option that the result
/// depends on: each training has a file of its own.
std::filesystem::path predictor_state_file(const std::filesystem::path& directory, const profile::CsProfile& samples,
                                           const PredictorOptions& options);

/// Creates the folder if needed; the file is written beside and renamed.
void write_predictor_state(const PredictorState& state, const std::filesystem::path& file);

/// Nothing where there is no file. Throws kInvalidData naming a damaged one.
std::optional<PredictorState> read_predictor_state(const std::filesystem::path& file);

}  // namespace einet::train
