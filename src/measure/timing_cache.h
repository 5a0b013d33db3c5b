#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "exec/cache_entry.h"
#include "exec/program.h"
#include "graph/graph.h"
#include "profile/et_profile.h"

namespace einet::measure {

/// The measurement of one network on this machine in the user's cache (docs/formats.md). Its key is the network
/// (operators and shapes, not the weights), the platform (hardware, threads, precision, library), and whether
/// implementations were tuned or the default ones.
class TimingCache {
 public:
  /// Of `graph` with the threads and precision of `options`; `tuned` when implementations are tuned for this machine.
  /// `directory` may be empty: then nothing is kept.
  TimingCache(const graph::Graph& graph, const exec::CompileOptions& options, bool tuned,
              const std::filesystem::path& directory);

  /// The file of the measurement, whether it is there or not; empty without a directory.
  const std::filesystem::path& file() const { return file_; }
  /// None when nothing was kept or it cannot be read.
  std::optional<profile::EtProfile> read() const;
  /// Keeps `profile` in place of an earlier one. Throws kIo when the cache cannot be written or there is none.
  void write(const profile::EtProfile& profile) const;

 private:
  std::unique_ptr<const exec::CacheEntry> entry_;  ///< Null without a directory.
  std::filesystem::path file_;
};

}  // namespace einet::measure
