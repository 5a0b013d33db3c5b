#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/progress.h"
#include "data/dataset.h"
#include "einet/time.h"
#include "graph/graph.h"
#include "train/bf16.h"
#include "train/ranks.h"

namespace einet::train {

/// After each epoch: accuracies of every exit on the test split, in [0,1].
struct EpochReport {
  int epoch = 0;
  double loss = 0;               ///< Averaged over steps, and over the exits by their weights.
  std::vector<double> accuracy;  ///< Of every exit.
  double seconds = 0;            ///< Of training, without testing.
  double waiting_seconds = 0;    ///< The part of these spent waiting for the next images.
  /// Loss of every exit, averaged over the steps; NaN for exits that the last step did not train. Empty if unknown: in
  /// checkpoints of earlier versions.
  std::vector<double> exit_losses;
  /// Overall accuracy of the best static plan under a uniform cut-off, with block times in proportion to
  /// multiply-accumulates, and its ratio to the greatest accuracy.
  double expectation = 0;
  double elasticity = 0;
  double learning_rate = 0;  ///< Of the last step.
  double seconds_left = 0;   ///< Of the whole training, by the times of this epoch and its test.
};

/// How a multi-exit network is trained. No libtorch type appears in this header.
struct TrainOptions {
  /// "joint": all exits at once. "sequential": exit by exit, each with its block, while the earlier ones are fixed
  /// (paper). "branches": every branch but the last, while the trunk, its running statistics and the last exit are
  /// fixed; this makes an ordinary trained network elastic.
  std::string mode = "joint";
  /// For mode "branches": the exits to train, by number in order of depth from 1, by range ("2-4"), by output, or "new"
  /// for those with untrained weights (Graph::untrained). All others are fixed. Empty: all except the last, which is
  /// trained only if it is new. Of the last exit, whose block is the end of the trunk, only the last layer with weights
  /// is trained.
  std::vector<std::string> only = {};
  int epochs = 15;    ///< In total; sequential training divides them evenly among the exits.
  Seconds budget{0};  ///< If positive, replaces `epochs`: as many as fit into this time, as measured at the start.
  int batch = 128;
  std::string optimizer = "sgd";       ///< "sgd" (Nesterov) or "adam" (decoupled decay).
  std::string schedule = "one-cycle";  ///< "one-cycle", "steps" (a tenth from 1/2, a hundredth from 3/4) or "constant".
  double learning_rate = 0.1;          ///< Peak of the schedule.
  double momentum = 0.9;               ///< For sgd.
  double weight_decay = 5e-4;          ///< Not applied to normalisation parameters and biases.
  double clip_norm = 5.0;              ///< Of the whole gradient; 0 = off.
  std::vector<double> exit_weights;    ///< Of each exit's cross entropy in the joint loss; empty = equal.
  double label_smoothing = 0.0;
  double distillation = 0.0;   ///< In [0,1]: share of the last exit's output in the loss of the other exits.
  bool augment = true;         ///< Pad-4 crop and, unless the data are digits, horizontal flip.
  std::uint64_t seed = 1;      ///< Of data order, augmentation and dropout.
  std::string device = "cpu";  ///< "cpu" or "cuda".
  std::string precision = default_precision();  ///< "bf16" (autocast) or "f32".
  /// 0 = libtorch's default, divided among the ranks on this machine. At most available_processors() are used.
  int threads = 0;
  std::filesystem::path checkpoint;  ///< Directory for checkpoints and curves (Curves); empty = none.
  /// Mode "branches" without augmentation: trunk activations are cached if they take no more than this.
  std::int64_t feature_memory_bytes = std::int64_t{4} << 30;
  double checkpoint_seconds = 120;  ///< Between checkpoints within an epoch.
  /// Resume from the checkpoint, with the same result as without the interruption. Otherwise an existing checkpoint is
  /// renamed.
  bool resume = false;
  /// The processes that train together, each on its part of every batch; null = this one alone. The result does not
  /// depend on their number, except for rounding, unless statistics are local. Only rank 0 reads and writes
  /// checkpoints.
  std::shared_ptr<const Ranks> ranks = nullptr;
  /// With several processes: normalisations use mean and variance of the whole batch; otherwise each process uses those
  /// of its part, and the running ones of rank 0 are kept.
  bool synchronized_statistics = true;
  std::function<void(const std::vector<EpochReport>&)>
      on_epoch;  ///< Called with all finished epochs after each, by rank 0.
};

/// Named sets of options: "default" (ours), "paper" (Huang, Gao, Dong, ICDCS 2023: exit by exit, learning rate 0.001,
/// 300 epochs; with Adam, as the paper does not name an optimizer), "msdnet" (Huang et al., ICLR 2018: all exits, SGD
/// 0.1, 300 epochs). Throws kUsage for another name.
TrainOptions recipe(const std::string& name);

struct TrainResult {
  graph::Graph graph;  ///< The given graph with trained weights; Graph::untrained without the trained exits.
  std::vector<EpochReport> epochs;
};

/// Trains with `options`; the loss is a weighted sum over exits. Throws kUsage (options), kInvalidData (network and
/// data do not match; a checkpoint of another network or with other options; a NaN loss, after which the last good
/// checkpoint still exists).
TrainResult train(const graph::Graph& graph, const data::Dataset& training, const data::Dataset& test,
                  const TrainOptions& options, Progress& progress = Progress::none());

/// Outputs of every exit by the trainer's own interpreter in evaluation mode and f32: result[exit] is [count, outputs].
/// `input` is [count, C, H, W] normalised. Used to check the two executors.
std::vector<std::vector<float>> evaluate(const graph::Graph& graph, std::span<const float> input, int count);

}  // namespace einet::train
