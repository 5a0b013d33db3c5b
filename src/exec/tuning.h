#pragma once

#include <map>
#include <string>

#include "core/progress.h"
#include "einet/time.h"
#include "graph/graph.h"

namespace einet::exec {

struct CompileOptions;

/// Which implementation the layers of one network use on one machine: "<memory form>:<method>" by the name that
/// Program::implementations() gives a layer, for those that depart from the default. A value like any other: it can be
/// kept and given to compile() again. Entries that do not fit the network or the machine are ignored.
struct Tuning {
  std::map<std::string, std::string> choices;

  bool operator==(const Tuning&) const = default;
};

struct TuneOptions {
  Seconds budget{1.0};  ///< Roughly; every candidate runs at least a few times.
};

/// Times the candidates for every layer where they will run, in the whole network, and returns the fastest
/// combination; the default one (no entries) unless another is faster. Takes the memory of several compiled networks
/// meanwhile. `options.tuning` is ignored. Throws what compile() throws.
Tuning tune(const graph::Graph& graph, const CompileOptions& options, const TuneOptions& tune_options = {},
            Progress& progress = Progress::none());

}  // namespace einet::exec
