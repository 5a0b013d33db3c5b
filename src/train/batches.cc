#include "train/batches.h"

#include <algorithm>

namespace einet::train {

Batches::Batches(const data::Dataset& data, const data::Augmentation& augmentation, std::uint64_t seed, int batch,
                 const Ranks& ranks)
    : data_(data),
      augmentation_(augmentation),
      seed_(seed),
      part_(BatchPart::of(ranks, std::min(batch, data.size()))),
      steps_per_epoch_(data.size() / part_.total) {}

Batch Batches::prepare(std::int64_t step) {
  const std::int64_t epoch = step / steps_per_epoch_;
  if (epoch != ordered_epoch_) {
    order_ = data::epoch_order(data_.size(), seed_, static_cast<int>(epoch));
    ordered_epoch_ = epoch;
  }
  const auto first = order_.begin() + step % steps_per_epoch_ * part_.total + part_.first;
  Batch batch{.samples = {first, first + part_.count}, .labels = {}, .pixels = {}};
  for (const int sample : batch.samples) batch.labels.push_back(data_.labels[sample]);
  batch.pixels.resize(batch.samples.size() * data_.image_size());
  data::fill_augmented_batch(data_, batch.samples, augmentation_, seed_, static_cast<int>(epoch), batch.pixels);
  return batch;
}

Batch Batches::take(std::int64_t step) {
  const Clock::time_point begin = Clock::now();
  const bool foreseen = next_.valid() && next_step_ == step;
  if (next_.valid() && !foreseen) next_.wait();
  Batch batch = foreseen ? next_.get() : prepare(step);
  waited_ += Clock::now() - begin;
  next_step_ = step + 1;
  next_ = std::async(std::launch::async, [this] { return prepare(next_step_); });
  return batch;
}

}  // namespace einet::train
