#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "exec/program.h"
#include "graph/graph.h"

namespace einet::exec {

/// What an entry of the cache is about: a network, without the values of its weights, on which no time depends; how it
/// is executed; and where.
nlohmann::json cache_key(const graph::Graph& graph, const exec::CompileOptions& options);

/// A JSON file of the user's cache, named by the digest of its key: {"format", "version", "key", …}.
class CacheEntry {
 public:
  CacheEntry(const std::filesystem::path& directory, std::string format, int version, nlohmann::json key);

  const std::filesystem::path& file() const { return file_; }
  /// The content; none when there is no such file, or one of another version, about another key or damaged.
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
