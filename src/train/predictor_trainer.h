#pragma once

#include <cstdint>
#include <string>

#include "core/progress.h"
#include "graph/graph.h"
#include "profile/cs_profile.h"

namespace einet::train {

struct PredictorOptions {
  std::string target = "confidence";  ///< "confidence" (paper eq. 3) or "correctness" (1 if the exit is right).
  int epochs = 60;
  int batch = 256;
  double learning_rate = 1e-3;  ///< Adam.
  double clip_norm = 1.0;
  double weight_decay = 0.0;
  std::uint64_t seed = 1;
};

/// Trains the paper's CS-Predictor on the samples of `profile`: MLP n -> h1 -> h2 -> n, ReLU, (2048,1024) for n > 30
/// else (256,128); squared error over future exits only. Each batch draws, for each sample, a random last exit and a
/// random set of skipped exits (in half of all cases none). Returns a graph [N,n] -> [N,n].
graph::Graph train_predictor(const profile::CsProfile& profile, const PredictorOptions& options,
                             Progress& progress = Progress::none());

}  // namespace einet::train
