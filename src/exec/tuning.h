#pragma once

#include <map>
#include <string>

#include "core/progress.h"
#include "einet/time.h"
#include "graph/graph.h"

namespace einet::exec {

struct CompileOptions;

/// The implementations of the layers of a network on one machine: "<memory form>:<method>" by the layer's name in
/// Program::implementations(), for layers that do not use the default. It can be stored and passed to compile() later.
/// Entries that do not match the network or the machine are ignored.
struct Tuning {
  std::map<std::string, std::string> choices;

  bool operator==(const Tuning&) const = default;
};

struct TuneOptions {
  Seconds budget{1.0};  ///< Approximate; every candidate runs at least a few times.
};

/// Times the candidates for every layer in place, in the whole network, and returns the fastest combination, or the
/// default (no entries) if none is faster. Temporarily needs the memory of several compiled networks. `options.tuning`
/// is ignored. Throws what compile() throws.
Tuning tune(const graph::Graph& graph, const CompileOptions& options, const TuneOptions& tune_options = {},
            Progress& progress = Progress::none());

}  // namespace einet::exec
