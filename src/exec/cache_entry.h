#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "exec/program.h"
#include "graph/graph.h"

namespace einet::exec {

/// The key of a cache entry: the network, without the values of its weights, which do not affect times; the options of
/// its execution; and the machine.
nlohmann::json cache_key(const graph::Graph& graph, const exec::CompileOptions& options);

/// A JSON file in the user's cache, named after the digest of its key: {"format", "version", "key", …}.
class CacheEntry {
 public:
  CacheEntry(const std::filesystem::path& directory, std::string format, int version, nlohmann::json key);

  const std::filesystem::path& file() const { return file_; }
  /// The content; empty if the file does not exist, is damaged, or has another version or key.
  std::optional<nlohmann::json> read() const;
  /// Adds format, version and key to `content` and writes it. Throws kIo.
  void write(nlohmann::json content) const;

 private:
  std::filesystem::path file_;
  std::string format_;
  int version_;
  nlohmann::json key_;
};

}  // namespace einet::exec
