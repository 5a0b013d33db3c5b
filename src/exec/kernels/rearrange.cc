#include "exec/kernels/rearrange.h"

#include <algorithm>

#include "graph/selection.h"

namespace einet::exec {
namespace {

constexpr std::int64_t kNowhere = graph::Selection::kFilled;
constexpr std::size_t kLongestTable = 4096;

bool reads_neighbours(const std::vector<std::int64_t>& offsets) {
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    if (offsets[i] != offsets[0] + static_cast<std::int64_t>(i) || offsets[i] == kNowhere) return false;
  }
  return true;
}

std::vector<std::int64_t> joined(const std::vector<std::int64_t>& outer, const std::vector<std::int64_t>& inner) {
  std::vector<std::int64_t> result;
  for (const std::int64_t o : outer) {
    for (const std::int64_t i : inner) result.push_back(o == kNowhere || i == kNowhere ? kNowhere : o + i);
  }
  return result;
}

}  // namespace

Rearrangement::Rearrangement(const Rearrange& rearrange) : fill_(rearrange.fill) {
  // From the innermost dimension outwards, merging a short one with the next outer one.
  std::vector<std::vector<std::int64_t>> reversed;
  for (auto table = rearrange.offsets.rbegin(); table != rearrange.offsets.rend(); ++table) {
    if (!reversed.empty()) {
      std::vector<std::int64_t>& inner = reversed.back();
      const bool small = inner.size() * table->size() <= kLongestTable;
      const bool breaks_a_run = reads_neighbours(inner) && inner.size() >= 16;
      if (inner.size() == 1 || table->size() == 1 || (small && !breaks_a_run)) {
        inner = joined(*table, inner);
        continue;
      }
    }
    reversed.push_back(*table);
  }
  if (reversed.empty()) reversed.push_back({0});  // A scalar.
  offsets_.assign(reversed.rbegin(), reversed.rend());
  run_ = reads_neighbours(offsets_.back());
}

void Rearrangement::fill(const float* x, bool filled, std::size_t d, float*& y) const {
  const std::vector<std::int64_t>& table = offsets_[d];
  if (d + 1 < offsets_.size()) {
    for (const std::int64_t offset : table) {
      const bool nowhere = filled || offset == kNowhere;
      fill(nowhere ? x : x + offset, nowhere, d + 1, y);
    }
  } else if (filled) {
    y = std::fill_n(y, table.size(), fill_);
  } else if (run_) {
    y = std::copy_n(x + table.front(), table.size(), y);
  } else {
    for (const std::int64_t offset : table) *y++ = offset == kNowhere ? fill_ : x[offset];
  }
}

void Rearrangement::run(const float* x, float* y) const { fill(x, false, 0, y); }

}  // namespace einet::exec
