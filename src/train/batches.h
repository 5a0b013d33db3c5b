#pragma once

#include <cstdint>
#include <future>
#include <vector>

#include "data/augment.h"
#include "data/dataset.h"
#include "einet/time.h"

namespace einet::train {

/// The images of one step.
struct Batch {
  std::vector<int> samples;
  std::vector<std::int64_t> labels;
  std::vector<float> pixels;  ///< Network input [samples,C,H,W].
};

/// The batches of a training, one ahead: while a step computes, another thread prepares the next one. What a batch
/// holds depends on the seed and the step only.
class Batches {
 public:
  /// `data` must outlive this. Epochs have data.size() / batch steps; what is left over is another in each.
  Batches(const data::Dataset& data, const data::Augmentation& augmentation, std::uint64_t seed, int batch);

  std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  /// The batch of step `step`, counted over all epochs. Fastest when steps follow each other.
  Batch take(std::int64_t step);
  /// How long take() has waited in all.
  Seconds waited() const { return waited_; }

 private:
  Batch prepare(std::int64_t step);

  const data::Dataset& data_;
  data::Augmentation augmentation_;
  std::uint64_t seed_;
  int batch_;
  std::int64_t steps_per_epoch_;
  std::int64_t ordered_epoch_ = -1;  ///< Whose order `order_` is; touched by the preparing thread only.
  std::vector<int> order_;
  std::int64_t next_step_ = -1;
  Seconds waited_{0};
  std::future<Batch> next_;  ///< Last member: its thread ends before the rest goes.
};

}  // namespace einet::train
