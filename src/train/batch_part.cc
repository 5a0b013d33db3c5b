#include "train/batch_part.h"

namespace einet::train {
namespace {

thread_local const SharedBatch* innermost = nullptr;

}  // namespace

BatchPart BatchPart::of(const Ranks& ranks, std::int64_t total) {
  const std::int64_t first = total * ranks.rank() / ranks.size(), end = total * (ranks.rank() + 1) / ranks.size();
  return {.first = first, .count = end - first, .total = total};
}

SharedBatch::SharedBatch(const Ranks& ranks, const BatchPart& part, bool synchronized)
    : ranks_(ranks), part_(part), synchronized_(synchronized), outer_(innermost) {
  innermost = this;
}

SharedBatch::~SharedBatch() { innermost = outer_; }

const SharedBatch* SharedBatch::current() {
  return innermost != nullptr && innermost->part_.count < innermost->part_.total ? innermost : nullptr;
}

const Ranks* SharedBatch::statistics() {
  const SharedBatch* shared = current();
  return shared != nullptr && shared->synchronized_ ? &shared->ranks_ : nullptr;
}

}  // namespace einet::train
