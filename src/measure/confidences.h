#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "core/progress.h"
#include "exec/program.h"
#include "graph/graph.h"
#include "profile/cs_profile.h"

namespace einet::measure {

/// Runs every exit of every sample, in batches. `fill(i, out)` writes the normalised input of sample i (one image,
/// C order); it is called from this thread only. With `log_probabilities` the profile has them too.
profile::CsProfile measure_confidences(const graph::Graph& graph, std::span<const std::int32_t> labels,
                                       const std::function<void(int, std::span<float>)>& fill,
                                       Progress& progress = Progress::none(),
                                       exec::Precision precision = exec::Precision::kFloat32,
                                       bool log_probabilities = false);

}  // namespace einet::measure
