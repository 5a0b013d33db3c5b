#include "exec/tuning_cache.h"

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "exec/cache_entry.h"
#include "io/json_object.h"

namespace einet::exec {
namespace {

constexpr int kVersion = 4;  // Incremented with every new implementation to choose from.

}  // namespace

std::filesystem::path cache_directory() {
  const auto variable = [](const char* name) -> std::filesystem::path {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  if (auto own = variable("EINET_CACHE"); !own.empty()) return own;
  if (const auto cache = variable("XDG_CACHE_HOME"); !cache.empty()) return cache / "einet";
  if (const auto home = variable("HOME"); !home.empty()) return home / ".cache" / "einet";
  return {};
}

nlohmann::json to_json(const exec::Tuning& tuning) { return tuning.choices; }

exec::Tuning tuning_from_json(const nlohmann::json& json, const std::string& name) {
  const io::JsonObject object(json, name);
  exec::Tuning tuning;
  for (const std::string& node : object.keys()) tuning.choices[node] = object.text(node);
  return tuning;
}

exec::Tuning cached_tuning(const graph::Graph& graph, const exec::CompileOptions& options,
                           const std::filesystem::path& directory, Progress& progress,
                           const exec::TuneOptions& tune_options) {
  if (directory.empty()) return exec::tune(graph, options, tune_options, progress);
  const CacheEntry entry(directory / "tuning", "einet-tuning", kVersion, cache_key(graph, options));
  if (const auto kept = entry.read()) {
    try {
      return tuning_from_json(kept->at("choices"), entry.file().string());
    } catch (const std::exception&) {
      // Damaged: measured again below.
    }
  }
  exec::Tuning tuning = exec::tune(graph, options, tune_options, progress);
  try {
    entry.write({{"choices", to_json(tuning)}});
  } catch (const std::exception&) {
    // The next start measures again.
  }
  return tuning;
}

std::shared_ptr<const exec::Program> compile_tuned(const graph::Graph& graph, exec::CompileOptions options,
                                                   Progress& progress) {
  options.tuning = cached_tuning(graph, options, cache_directory(), progress);
  return exec::compile(graph, options);
}

}  // namespace einet::exec
