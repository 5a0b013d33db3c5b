#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace einet::data {

/// The IDX format of MNIST (LeCun, Cortes, Burges): two zero bytes, the element type, the number of dimensions, each
/// dimension as a big-endian 32-bit number, then the elements in C order. Only unsigned bytes (type 8) are supported.
struct Idx {
  std::vector<std::int64_t> shape;
  std::string_view elements;  ///< A view into the parsed bytes.
};

/// Throws kInvalidData naming `name`: a wrong magic number, number of dimensions or length.
Idx parse_idx(std::string_view bytes, int dimensions, const std::string& name);

}  // namespace einet::data
