#pragma once

#include <cstdint>
#include <span>

namespace einet::train {

/// One part of rows: `bytes` of each row go to consecutive places from `data`.
struct RowPart {
  char* data;
  std::int64_t bytes;
};

/// Takes apart what a concatenation of channels-last tensors put together: `rows` rows, each as long as the parts
/// together. Every part's `bytes` is even.
void split_rows(const char* from, std::int64_t rows, std::span<const RowPart> parts);

}  // namespace einet::train
