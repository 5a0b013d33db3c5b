#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/progress.h"
#include "exec/program.h"
#include "exec/tuning.h"

namespace einet::exec {

/// Where chosen implementations are stored between runs: $EINET_CACHE, else $XDG_CACHE_HOME/einet, else
/// $HOME/.cache/einet; empty if none of these is set.
std::filesystem::path cache_directory();

/// The choices for `graph` with `options`, from the cache; if it has no matching entry, measured now and stored there.
/// An entry matches if the network (operators and shapes; the weights do not matter), batch and platform (hardware,
/// threads, precision, version of the library) are the same. Unreadable files are ignored, and so are failures to write
/// the cache. Throws what exec::tune() throws. See docs/formats.md.
exec::Tuning cached_tuning(const graph::Graph& graph, const exec::CompileOptions& options,
                           const std::filesystem::path& directory = cache_directory(),
                           Progress& progress = Progress::none(), const exec::TuneOptions& tune_options = {});

/// Compiles with the choices of the cache.
std::shared_ptr<const exec::Program> compile_tuned(const graph::Graph& graph, exec::CompileOptions options,
                                                   Progress& progress = Progress::none());

nlohmann::json to_json(const exec::Tuning& tuning);
/// Throws kInvalidData naming `name`.
exec::Tuning tuning_from_json(const nlohmann::json& json, const std::string& name);

}  // namespace einet::exec
