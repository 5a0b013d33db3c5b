#include "cli/rescue.h"

#include <string>
#include <system_error>

#include "einet/error.h"

namespace einet::cli {
namespace fs = std::filesystem;
namespace {

/// "x-rescued.einet", or with the next free number.
fs::path free_name(const fs::path& folder, const fs::path& path) {
  const fs::path named = path.has_filename() ? path : path.parent_path();
  for (int number = 1;; ++number) {
    const std::string suffix = number == 1 ? "-rescued" : "-rescued-" + std::to_string(number);
    fs::path free = folder / (named.stem().string() + suffix + named.extension().string());
    std::error_code error;
    if (!fs::exists(fs::symlink_status(free, error))) return free;
  }
}

}  // namespace

void save_or_rescue(const fs::path& path, const std::function<void(const fs::path&)>& save) {
  try {
    save(path);
  } catch (const Error& failure) {
    std::error_code error;
    for (const fs::path& folder : {fs::current_path(error), fs::temp_directory_path(error)}) {
      if (folder.empty()) continue;
      const fs::path rescued = free_name(folder, path);
      try {
        save(rescued);
      } catch (const Error&) {
        continue;
      }
      throw Error(failure.kind(), failure.what(), "the result was saved as " + rescued.string() + " instead");
    }
    throw Error(failure.kind(), failure.what(), "the result could not be saved elsewhere either");
  }
}

}  // namespace einet::cli
