#pragma once

#include <cstdint>
#include <future>
#include <vector>

#include "data/augment.h"
#include "data/dataset.h"
#include "einet/time.h"
#include "train/batch_part.h"

namespace einet::train {

/// The images of one step, or the part of them that this process computes.
struct Batch {
  std::vector<int> samples;
  std::vector<std::int64_t> labels;
  std::vector<float> pixels;  ///< Network input [samples,C,H,W].
};

/// The batches of a training run. While one step computes, another thread prepares the batch of the next. The content
/// of a batch depends only on the seed and the step, not on the number of processes that share it.
class Batches {
 public:
  /// `data` must outlive this. Epochs have data.size() / batch steps; the images left over differ from epoch to epoch.
  /// take() gives the part of every batch that belongs to `ranks`.
  Batches(const data::Dataset& data, const data::Augmentation& augmentation, std::uint64_t seed, int batch,
          const Ranks& ranks);

  std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  const BatchPart& part() const { return part_; }
  /// The batch of step `step`, counted over all epochs. Fastest if steps are consecutive.
  Batch take(std::int64_t step);
  /// Total time that take() has waited.
  Seconds waited() const { return waited_; }

 private:
  Batch prepare(std::int64_t step);

  const data::Dataset& data_;
  data::Augmentation augmentation_;
  std::uint64_t seed_;
  BatchPart part_;
  std::int64_t steps_per_epoch_;
  std::int64_t ordered_epoch_ = -1;  ///< The epoch of `order_`; used by the preparing thread only.
  std::vector<int> order_;
  std::int64_t next_step_ = -1;
  Seconds waited_{0};
  std::future<Batch> next_;  ///< Last member, so that its thread ends before the others are destroyed.
};

}  // namespace einet::train
