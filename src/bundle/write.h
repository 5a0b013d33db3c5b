#pragma once

#include <filesystem>

#include "bundle/bundle.h"
#include "io/staged_directory.h"

namespace einet::bundle {

/// Writes all files of a valid bundle, in the format of bundle.weights. A bundle without a name gets that of `path`.
void write_bundle(const Bundle& bundle, const std::filesystem::path& path, io::StagedDirectory& staged);

}  // namespace einet::bundle
