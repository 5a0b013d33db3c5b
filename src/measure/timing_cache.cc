#include "measure/timing_cache.h"

#include <nlohmann/json.hpp>

#include "einet/error.h"
#include "exec/cache_entry.h"

namespace einet::measure {
namespace {

constexpr int kVersion = 1;  // Incremented when times change, as with new implementations.

}  // namespace

TimingCache::TimingCache(const graph::Graph& graph, const exec::CompileOptions& options, bool tuned,
                         const std::filesystem::path& directory) {
  if (directory.empty()) return;
  nlohmann::json key = exec::cache_key(graph, options);
  key["tuned"] = tuned;
  entry_ =
      std::make_unique<const exec::CacheEntry>(directory / "timing", "einet-cached-timing", kVersion, std::move(key));
  file_ = entry_->file();
}

std::optional<profile::EtProfile> TimingCache::read() const {
  const auto kept = entry_ ? entry_->read() : std::nullopt;
  if (!kept) return std::nullopt;
  try {
    return profile::et_profile_from_json(kept->at("timing"), file_.string());
  } catch (const std::exception&) {
    return std::nullopt;  // Damaged.
  }
}

void TimingCache::write(const profile::EtProfile& profile) const {
  if (!entry_)
    throw Error(ErrorKind::kIo, "cache", "there is no directory for it: set EINET_CACHE, XDG_CACHE_HOME or HOME");
  entry_->write({{"timing", profile::to_json(profile)}});
}

}  // namespace einet::measure
