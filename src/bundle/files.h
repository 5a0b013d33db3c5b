#pragma once

#include <filesystem>

#include "bundle/manifest.h"

namespace einet::bundle {

/// Throws kInvalidData, naming the first file or folder below `root` that is not one of the manifest's. Files that file
/// managers and network file systems drop anywhere, such as .DS_Store, are passed over.
void check_nothing_else(const std::filesystem::path& root, const Manifest& manifest);

/// Saving removes what is at `path`: throws kUsage unless that is nothing, an empty directory or a bundle, recognised
/// by the format that its manifest names; kInvalidData when the manifest cannot be read or the bundle holds files that
/// are not part of it.
void check_replaceable(const std::filesystem::path& path);

}  // namespace einet::bundle
