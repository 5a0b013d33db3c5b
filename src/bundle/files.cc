#include "bundle/files.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "einet/error.h"
#include "io/file.h"

namespace einet::bundle {
namespace fs = std::filesystem;
namespace {

/// Files that macOS, Windows, KDE and NFS create.
bool is_foreign(const std::string& name) {
  std::string lower = name;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower == ".ds_store" || lower == "thumbs.db" || lower == "desktop.ini" || lower == ".directory" ||
         lower.starts_with("._") || lower.starts_with(".nfs");
}

}  // namespace

void check_nothing_else(const fs::path& root, const Manifest& manifest) {
  const auto fail = [](const fs::path& file, const std::string& fault) {
    throw Error(ErrorKind::kInvalidData, file.string(), fault);
  };
  std::error_code error;
  for (fs::recursive_directory_iterator entry(root, error), end; !error && entry != end; entry.increment(error)) {
    const std::string file = entry->path().lexically_relative(root).generic_string();
    const fs::file_type type = entry->symlink_status(error).type();
    if (error) break;
    if (type == fs::file_type::directory) {
      const auto below = manifest.files.lower_bound(file + "/");
      if (below == manifest.files.end() || !below->first.starts_with(file + "/")) {
        fail(entry->path(), "is a folder that is not in manifest.json");
      }
    } else if (type != fs::file_type::regular) {
      fail(entry->path(), "is not a regular file");
    } else if (file != kManifest && !manifest.has(file) && !is_foreign(entry->path().filename().string())) {
      fail(entry->path(), "is not in manifest.json");
    }
  }
  if (error) throw Error(ErrorKind::kIo, root.string(), error.message());
}

void check_replaceable(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return;
  const fs::path manifest = path / kManifest;
  if (fs::is_directory(path, error)) {
    if (fs::is_empty(path, error)) return;
    if (fs::is_regular_file(manifest, error)) {
      const std::string bytes = io::read_file(manifest, kLargestManifest);
      if (is_manifest(bytes)) return check_nothing_else(path, parse_manifest(bytes, manifest.string()));
    }
  }
  throw Error(ErrorKind::kUsage, path.string(), "exists and is not a bundle; not replaced");
}

}  // namespace einet::bundle
