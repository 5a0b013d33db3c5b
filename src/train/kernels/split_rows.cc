#include "train/kernels/split_rows.h"

#include <cstring>

namespace einet::train {
namespace {

template <std::size_t kBytes>
void move(const char* from, char* to) {
  std::memcpy(to, from, kBytes);
}

/// std::memcpy for a few bytes, for which a function call would take longer than the copying. Ends of odd length are
/// copied in overlapping pieces.
void copy(const char* from, std::int64_t bytes, char* to) {
  if (bytes >= 16) {
    std::int64_t at = 0;
    for (; at + 16 <= bytes; at += 16) move<16>(from + at, to + at);
    if (at < bytes) move<16>(from + bytes - 16, to + bytes - 16);
  } else if (bytes >= 8) {
    move<8>(from, to);
    move<8>(from + bytes - 8, to + bytes - 8);
  } else if (bytes >= 4) {
    move<4>(from, to);
    move<4>(from + bytes - 4, to + bytes - 4);
  } else if (bytes == 2) {
    move<2>(from, to);
  }
}

}  // namespace

void split_rows(const char* from, std::int64_t rows, std::span<const RowPart> parts) {
  for (std::int64_t row = 0; row < rows; ++row) {
    for (const RowPart& part : parts) {
      copy(from, part.bytes, part.data + row * part.bytes);
      from += part.bytes;
    }
  }
}

}  // namespace einet::train
