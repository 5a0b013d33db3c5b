#pragma once

#include <filesystem>
#include <vector>

#include "bundle/timing.h"
#include "eval/subject.h"

namespace einet::cli {

/// eval::load_subjects() with a progress line; prints their notes.
std::vector<eval::Subject> subjects_for(const std::vector<std::filesystem::path>& bundles,
                                        const bundle::TimingOptions& options);

}  // namespace einet::cli
