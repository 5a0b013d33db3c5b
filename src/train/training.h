#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "train/accuracy.h"
#include "train/batches.h"
#include "train/checkpoint.h"
#include "train/curves.h"
#include "train/exits.h"
#include "train/flat_parameters.h"
#include "train/interpreter.h"
#include "train/optimizer.h"
#include "train/stage.h"
#include "train/trainer.h"
#include "train/trunk_features.h"

namespace einet::train {

/// One training run, from the first step or a checkpoint to the last step.
///
/// Everything random is a function of (seed, epoch, sample) or (seed, step): order, augmentation, dropout. A checkpoint
/// therefore consists of weights, optimizer state and a step number, and a resumed run gives bit for bit the result of
/// an uninterrupted one (with one thread; with more, the order of libtorch's sums may vary).
///
/// Several processes (Ranks) compute each a part of every batch. After each backward pass they add their gradients, so
/// that all make the same step and always have the same weights.
class Training {
 public:
  /// All must outlive this.
  Training(const graph::Graph& graph, const data::Dataset& training, const data::Dataset& test,
           const TrainOptions& options, Progress& progress);

  TrainResult run();

 private:
  /// The current stage.
  struct Work {
    std::size_t stage;
    std::int64_t first_step, last_step;  ///< [first, last)
    FlatParameters parameters;
    std::unique_ptr<Optimizer> optimizer;
    Route trunk;  ///< From the input to the values that the trained nodes and the teacher read. May be empty.
    Route head;   ///< From there to the exits in the loss.
    std::vector<double> weights;            ///< Of these exits.
    std::vector<std::size_t> exits;         ///< Which exits these are.
    std::optional<TrunkFeatures> features;  ///< The trunk activations, if they are cached.
  };

  int epoch() const { return static_cast<int>(state_.epochs.size()); }
  std::int64_t first_step_of(std::size_t stage) const;
  void enter_stage_of(std::int64_t step);
  void enter(std::size_t stage);
  void keep_features(Work& work);
  void run_epoch();
  StepReport step();
  std::vector<double> gradient_of(Batch& batch, std::int64_t step, at::Tensor& gradient);
  std::vector<at::Tensor> trunk_values(const at::Tensor& input) const;
  void fit_steps_to_budget();
  std::vector<double> test_accuracy(int samples, const std::vector<std::size_t>& exits) const;
  std::vector<std::size_t> all_exits() const;
  std::vector<double> test_accuracies() const;
  EpochReport report(const StepReport& last);
  double seconds_left() const;
  void show(double loss) const;
  void save();
  void resume();
  void restore(const std::map<std::string, at::Tensor>& tensors,
               const std::map<std::string, std::vector<float>>& values) const;
  void take_from_first(const std::map<std::string, at::Tensor>& tensors) const;
  void expect_equal_ranks() const;

  const graph::Graph& graph_;
  std::vector<ExitReading> exits_;
  graph::Graph logits_;  ///< The graph with the values of exits_ as outputs, for any batch size.
  const data::Dataset& training_;
  const data::Dataset& test_;
  const TrainOptions& options_;
  Progress& progress_;
  const Ranks& ranks_;
  Placement placement_;
  Interpreter network_;
  std::vector<bool> chosen_;  ///< By exit: whether it is trained.
  std::vector<Stage> stages_;
  std::size_t teacher_;
  Batches batches_;
  std::optional<Work> work_;
  Checkpoint state_;
  std::optional<Curves> curves_;  ///< Of rank 0, if there is a checkpoint folder.
  double test_seconds_ = 0;       ///< Of the last test.
  bool has_checkpoint_ = false;   ///< Of this training run.
};

}  // namespace einet::train
