#pragma once

#include <cstdint>
#include <span>

namespace einet::train {

/// One part of rows: `bytes` of each row are stored consecutively, starting at `data`.
struct RowPart {
  char* data;
  std::int64_t bytes;
};

/// The inverse of a concatenation of channels-last tensors: splits `rows` rows, each as long as all parts together. The
/// `bytes` of every part must be even.
void split_rows(const char* from, std::int64_t rows, std::span<const RowPart> parts);

}  // namespace einet::train
