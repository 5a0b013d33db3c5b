#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/progress.h"
#include "graph/graph.h"
#include "profile/cs_profile.h"

namespace einet::train {

struct PredictorOptions {
  std::string target = "confidence";  ///< "confidence" (paper eq. 3) or "correctness" (1 if the exit is right).
  int epochs = 60;
  int batch = 256;
  double learning_rate = 1e-3;         ///< Adam; the peak of the schedule.
  std::string schedule = "one-cycle";  ///< Of the learning rate, see learning_rate() in schedule.h.
  double clip_norm = 1.0;
  double weight_decay = 0.0;
  std::uint64_t seed = 1;
  /// Where unfinished trainings are kept, one file each (predictor_state.h). A training whose file is there continues
  /// from it; a finished one is taken from it. Empty = nothing is kept.
  std::filesystem::path checkpoint = {};
  double checkpoint_seconds = 60;  ///< Time between checkpoints; 0 = after every epoch.
};

/// The paper's training (section V): 3,000 epochs with Adam and a constant learning rate of 0.001.
PredictorOptions paper_predictor();

/// Trains the paper's CS-Predictor on the samples of `profile`: MLP n -> h1 -> h2 -> n, ReLU, (2048,1024) for n > 30
/// else (256,128); squared error over future exits only. Each batch draws, for each sample, a random last exit and a
/// random set of skipped exits (in half of all cases none). Returns a graph [N,n] -> [N,n].
graph::Graph train_predictor(const profile::CsProfile& profile, const PredictorOptions& options,
                             Progress& progress = Progress::none());

}  // namespace einet::train
