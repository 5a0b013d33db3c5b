#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace einet::exec {

struct FreeMemory {
  void operator()(std::byte* memory) const;
};
using Memory = std::unique_ptr<std::byte[], FreeMemory>;

/// `bytes` bytes, aligned to kAlignment. Contents are undefined.
Memory allocate(std::int64_t bytes);

/// Memory for the weights of one program: contiguous, in the order of the calls of take(), which is the order in which
/// a run reads them. See memory.cc.
class WeightStore {
 public:
  /// Allocates `bytes` bytes, aligned to kAlignment, which live as long as the store.
  void* take(std::int64_t bytes);
  float* take_floats(std::int64_t count) {
    return static_cast<float*>(take(count * static_cast<std::int64_t>(sizeof(float))));
  }

 private:
  std::vector<Memory> pieces_;
  std::int64_t used_ = 0, size_ = 0;  ///< Of the last piece.
};

}  // namespace einet::exec
