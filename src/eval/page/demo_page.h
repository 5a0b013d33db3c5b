#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "eval/live/live.h"

namespace einet::eval {

/// The origin of a page, for its footer.
struct DemoRun {
  std::string date;     ///< Of the run, in a readable form.
  std::string version;  ///< Version of EINet.
  std::string command;  ///< The command that reproduces the page.
  std::uint64_t seed = 0;
};

/// A self-contained page (inline style, script and pictures; needs no network): the table of methods, accuracy
/// against the time of the cut-off, and the timeline of one image. `labels` are the names of the classes and may be
/// empty.
std::string demo_page(const LiveResult& result, const std::vector<std::string>& labels, const DemoRun& run);

/// Writes demo_page() to a temporary file next to `path` and renames it. Throws kIo.
void write_demo_page(const LiveResult& result, const std::vector<std::string>& labels, const DemoRun& run,
                     const std::filesystem::path& path);

}  // namespace einet::eval
