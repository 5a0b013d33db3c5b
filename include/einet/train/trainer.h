#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "einet/core/progress.h"
#include "einet/data/dataset.h"
#include "einet/graph/graph.h"

namespace einet::train {

/// How a multi-exit network is trained. No libtorch type appears in this header.
struct TrainOptions {
  int epochs = 15;
  int batch = 128;
  double learning_rate = 0.1;        ///< Peak of the one-cycle schedule.
  double momentum = 0.9;             ///< Nesterov.
  double weight_decay = 5e-4;        ///< Not applied to normalisation parameters and biases.
  double clip_norm = 5.0;            ///< Of the whole gradient; 0 = off.
  std::vector<double> exit_weights;  ///< Of each exit's cross entropy in the joint loss; empty = equal.
  double label_smoothing = 0.0;
  bool augment = true;               ///< Pad-4 crop and, unless the data are digits, horizontal flip.
  std::uint64_t seed = 1;            ///< Of data order, augmentation and dropout.
  std::string device = "cpu";        ///< "cpu" or "cuda".
  std::string precision = "bf16";    ///< "bf16" (autocast) or "f32".
  int threads = 0;                   ///< 0 = libtorch's choice.
  std::filesystem::path checkpoint;  ///< Directory for checkpoints and log.csv; empty = none.
  double checkpoint_seconds = 120;   ///< Between checkpoints within an epoch.
  bool resume = false;               ///< Go on from the checkpoint: the result is as if never interrupted.
};

/// After each epoch: accuracies of every exit on the test split, in [0,1].
struct EpochReport {
  int epoch = 0;
  double loss = 0;
  std::vector<double> accuracy;
  double seconds = 0;
};

struct TrainResult {
  graph::Graph graph;  ///< The given graph with trained weights.
  std::vector<EpochReport> epochs;
};

/// Trains all exits jointly: sum_i w_i * crossentropy_i. Throws kInvalidData (network and data do not fit; a checkpoint
/// of another network or of other options; NaN loss, after which the last good checkpoint is still there).
TrainResult train(const graph::Graph& graph, const data::Dataset& training, const data::Dataset& test,
                  const TrainOptions& options, Progress& progress = Progress::none());

/// Outputs of every exit by the trainer's own interpreter in evaluation mode and f32: result[exit] is [count, outputs].
/// `input` is [count, C, H, W] normalised. The third opinion beside the two executors.
std::vector<std::vector<float>> evaluate(const graph::Graph& graph, std::span<const float> input, int count);

}  // namespace einet::train
