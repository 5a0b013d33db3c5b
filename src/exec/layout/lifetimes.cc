#include "exec/layout/lifetimes.h"

#include <algorithm>

namespace einet::exec {

std::vector<Lifetime> lifetimes(const Layout& layout) {
  const int last = static_cast<int>(layout.operations.size());
  std::vector<Lifetime> result;
  for (const Buffer& buffer : layout.buffers) {
    const auto bytes = buffer.floats * static_cast<std::int64_t>(sizeof(float));
    result.push_back(buffer.persistent ? Lifetime{bytes, 0, last} : Lifetime{bytes, last, -1});
  }
  for (int i = 0; i < last; ++i) {
    const PlacedOperation& operation = layout.operations[static_cast<std::size_t>(i)];
    const auto touch = [&](const View& view) {
      if (view.buffer < 0) return;
      Lifetime& lifetime = result[static_cast<std::size_t>(view.buffer)];
      lifetime.first = std::min(lifetime.first, i);
      lifetime.last = std::max(lifetime.last, i);
    };
    for (const View& view : operation.inputs) touch(view);
    touch(operation.residual);
    touch(operation.output);
  }
  return result;
}

}  // namespace einet::exec
