#include <algorithm>
#include <iterator>

#include "graph/onnx_file.h"

namespace einet::graph {
namespace {

struct StorageName {
  WeightStorage storage;
  std::string_view text;
};

constexpr StorageName kStorageNames[] = {
    {WeightStorage::kFloat32, "float32"}, {WeightStorage::kFloat16, "float16"}, {WeightStorage::kNone, "none"}};

}  // namespace

std::vector<std::string> weight_storage_names() {
  std::vector<std::string> names;
  for (const StorageName& name : kStorageNames) names.emplace_back(name.text);
  return names;
}

std::string_view to_string(WeightStorage storage) {
  return std::ranges::find(kStorageNames, storage, &StorageName::storage)->text;
}

std::optional<WeightStorage> parse_weight_storage(std::string_view name) {
  const auto* found = std::ranges::find(kStorageNames, name, &StorageName::text);
  return found != std::end(kStorageNames) ? std::optional(found->storage) : std::nullopt;
}

}  // namespace einet::graph
