#pragma once

#include <cstdint>

#include "train/ranks.h"

namespace einet::train {

/// The part of a batch that one process computes: images [first, first + count) of `total`.
struct BatchPart {
  std::int64_t first = 0;
  std::int64_t count = 0;
  std::int64_t total = 0;

  /// Of rank r of n: images [total * r / n, total * (r + 1) / n).
  static BatchPart of(const Ranks& ranks, std::int64_t total);
  double share() const { return static_cast<double>(count) / static_cast<double>(total); }
};

/// During its lifetime, the operators of this thread whose result depends on the other images of a batch
/// (normalisations, Dropout) know that several processes share it.
class SharedBatch {
 public:
  /// `ranks` must outlive this and the backward passes of what was computed meanwhile. With `synchronized`,
  /// normalisations use the mean and variance of the whole batch, otherwise those of their part.
  SharedBatch(const Ranks& ranks, const BatchPart& part, bool synchronized);
  ~SharedBatch();
  SharedBatch(const SharedBatch&) = delete;
  SharedBatch& operator=(const SharedBatch&) = delete;

  /// The innermost of this thread; null if there is none or this process computes whole batches.
  static const SharedBatch* current();

  const BatchPart& part() const { return part_; }
  /// For normalisations of this thread: the ranks whose images the statistics include; null if only this process's.
  static const Ranks* statistics();

 private:
  const Ranks& ranks_;
  BatchPart part_;
  bool synchronized_;
  const SharedBatch* outer_;
};

}  // namespace einet::train
