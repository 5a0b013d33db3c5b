#include "einet/profile/tuning_cache.h"

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "einet/core/error.h"
#include "einet/io/file.h"
#include "einet/io/sha256.h"
#include "einet/profile/json_object.h"
#include "einet/profile/platform.h"

namespace einet::profile {
namespace {

constexpr int kVersion = 2;  // Raised with every new implementation to choose from.

std::string text_of(const graph::Attribute& attribute) {
  return std::visit(
      [](const auto& value) -> std::string {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, graph::Tensor>) {
          return graph::to_string(value.shape);
        } else {
          return nlohmann::json(value).dump();
        }
      },
      attribute);
}

// What the speed of a network depends on: all but the values of its weights.
std::string structure(const graph::Graph& graph) {
  std::string text;
  for (const graph::Input& input : graph.inputs) text += input.name + graph::to_string(input.shape) + "\n";
  for (const graph::Node& node : graph.nodes) {
    text += node.op + " " + node.name;
    for (const std::string& input : node.inputs) {
      text += " " + input;
      if (const graph::Tensor* constant = graph.constant(input)) text += graph::to_string(constant->shape);
    }
    for (const std::string& output : node.outputs) text += " >" + output;
    for (const auto& [key, value] : node.attributes) text += " " + key + "=" + text_of(value);
    text += "\n";
  }
  for (const std::string& output : graph.outputs) text += output + "\n";
  return text;
}

nlohmann::json key_of(const graph::Graph& graph, const exec::CompileOptions& options) {
  const Platform platform = this_platform(options.threads, options.precision);
  return {{"model", io::sha256(structure(graph))}, {"batch", options.batch},          {"processor", platform.processor},
          {"threads", platform.threads},           {"precision", platform.precision}, {"library", platform.library}};
}

}  // namespace

std::filesystem::path cache_directory() {
  const auto variable = [](const char* name) -> std::filesystem::path {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
  };
  if (const auto own = variable("EINET_CACHE"); !own.empty()) return own;
  if (const auto cache = variable("XDG_CACHE_HOME"); !cache.empty()) return cache / "einet";
  if (const auto home = variable("HOME"); !home.empty()) return home / ".cache" / "einet";
  return {};
}

nlohmann::json to_json(const exec::Tuning& tuning) { return tuning.choices; }

exec::Tuning tuning_from_json(const nlohmann::json& json, const std::string& name) {
  const JsonObject object(json, name);
  exec::Tuning tuning;
  for (const std::string& node : object.keys()) tuning.choices[node] = object.text(node);
  return tuning;
}

exec::Tuning cached_tuning(const graph::Graph& graph, const exec::CompileOptions& options,
                           const std::filesystem::path& directory, Progress& progress,
                           const exec::TuneOptions& tune_options) {
  if (directory.empty()) return exec::tune(graph, options, tune_options, progress);
  const nlohmann::json key = key_of(graph, options);
  const std::filesystem::path file = directory / "tuning" / (io::sha256(key.dump()) + ".json");
  try {
    const nlohmann::json kept = parse_json(io::read_file(file), file.string());
    const JsonObject object(kept, file.string());
    object.expect_format("einet-tuning", kVersion);
    if (kept.at("key") == key) return tuning_from_json(kept.at("choices"), file.string());
  } catch (const std::exception&) {
    // Not there, or not ours: measured anew below.
  }
  const exec::Tuning tuning = exec::tune(graph, options, tune_options, progress);
  const nlohmann::json json = {
      {"format", "einet-tuning"}, {"version", kVersion}, {"key", key}, {"choices", to_json(tuning)}};
  try {
    io::create_folders(file.parent_path());
    io::write_file(file, json.dump(2) + "\n");
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

}  // namespace einet::profile
