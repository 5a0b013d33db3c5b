#include "exec/cache_entry.h"

#include <utility>
#include <variant>

#include "exec/platform.h"
#include "io/file.h"
#include "io/json_object.h"
#include "io/sha256.h"

namespace einet::exec {
namespace {

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

// The properties of a network that affect its speed: everything except the values of its weights.
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

}  // namespace

nlohmann::json cache_key(const graph::Graph& graph, const exec::CompileOptions& options) {
  return {{"model", io::sha256(structure(graph))},
          {"batch", options.batch},
          {"platform", this_platform(options.threads, options.precision).name}};
}

CacheEntry::CacheEntry(const std::filesystem::path& directory, std::string format, int version, nlohmann::json key)
    : file_(directory / (io::sha256(key.dump()) + ".json")),
      format_(std::move(format)),
      version_(version),
      key_(std::move(key)) {}

std::optional<nlohmann::json> CacheEntry::read() const {
  try {
    nlohmann::json kept = io::parse_json(io::read_file(file_), file_.string());
    const io::JsonObject object(kept, file_.string());
    object.expect_format(format_, version_);
    if (object.integer("version", 1) == version_ && kept.at("key") == key_) return kept;
  } catch (const std::exception&) {
    // Missing or invalid.
  }
  return std::nullopt;
}

void CacheEntry::write(nlohmann::json content) const {
  content["format"] = format_;
  content["version"] = version_;
  content["key"] = key_;
  io::create_folders(file_.parent_path());
  io::write_file(file_, content.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
}

}  // namespace einet::exec
