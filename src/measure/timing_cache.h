#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "exec/cache_entry.h"
#include "exec/program.h"
#include "graph/graph.h"
#include "profile/et_profile.h"

namespace einet::measure {

/// The measurement of one network on this machine in the user's cache (docs/formats.md). Its key consists of the
/// network (operators and shapes, not the weights), the platform (hardware, threads, precision, library), and whether
/// implementations were tuned or are the default ones.
class TimingCache {
 public:
  /// The entry of `graph` with the threads and precision of `options`; `tuned` if implementations are tuned for this
  /// machine. If `directory` is empty, nothing is stored.
  TimingCache(const graph::Graph& graph, const exec::CompileOptions& options, bool tuned,
              const std::filesystem::path& directory);

  /// The file of the measurement, which need not exist; empty without a directory.
  const std::filesystem::path& file() const { return file_; }
  /// Empty if nothing was stored or the file cannot be read.
  std::optional<profile::EtProfile> read() const;
  /// Stores `profile`, replacing an earlier one. Throws kIo if the cache cannot be written or there is none.
  void write(const profile::EtProfile& profile) const;

 private:
  std::unique_ptr<const exec::CacheEntry> entry_;  ///< Null without a directory.
  std::filesystem::path file_;
};

}  // namespace einet::measure
