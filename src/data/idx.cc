#include "data/idx.h"

#include "data/big_endian.h"
#include "einet/error.h"

namespace einet::data {

Idx parse_idx(std::string_view bytes, int dimensions, const std::string& name) {
  const std::size_t header = 4 + 4 * static_cast<std::size_t>(dimensions);
  if (bytes.size() < header) throw Error(ErrorKind::kInvalidData, name, "truncated IDX header");
  const std::int64_t magic = big_endian_32(bytes);
  if (magic != (0x0800 | dimensions)) {
    throw Error(ErrorKind::kInvalidData, name,
                "not an IDX file of bytes with " + std::to_string(dimensions) + " dimensions (magic number " +
                    std::to_string(magic) + ")");
  }
  Idx idx;
  std::uint64_t expected = 1;
  for (int i = 0; i < dimensions; ++i) {
    const std::int64_t size = big_endian_32(bytes.substr(4 + 4 * i));
    idx.shape.push_back(size);
    // Sizes are below 2^32, so checking after each factor keeps the product below 2^64.
    expected *= static_cast<std::uint64_t>(size);
    if (expected > bytes.size()) break;
  }
  if (expected != bytes.size() - header) {
    throw Error(ErrorKind::kInvalidData, name,
                std::to_string(bytes.size()) + " bytes, but its header states another size");
  }
  idx.elements = bytes.substr(header);
  return idx;
}

}  // namespace einet::data
