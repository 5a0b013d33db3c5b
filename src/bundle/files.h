#pragma once

#include <filesystem>

#include "bundle/manifest.h"

namespace einet::bundle {

/// Throws kInvalidData, naming the first file or folder below `root` that is not in the manifest. Files that file
/// managers and network file systems create in any folder, such as .DS_Store, are ignored.
void check_nothing_else(const std::filesystem::path& root, const Manifest& manifest);

/// To be called before saving, which replaces what is at `path`. Throws kUsage unless that is nothing, an empty
/// directory or a bundle, recognised by the format that its manifest names; kInvalidData if the manifest cannot be read
/// or the bundle contains files that are not part of it.
void check_replaceable(const std::filesystem::path& path);

}  // namespace einet::bundle
