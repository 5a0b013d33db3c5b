#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>

#include "core/progress.h"
#include "fit/range.h"
#include "graph/graph.h"

namespace einet::fit {

/// Images that a network is run on: `image(i, out)` writes the network input of image i.
struct Images {
  int count = 0;
  std::function<void(int i, std::span<float> input)> image;
};

/// The distributions of `values`, computed by nodes of `graph` or its input, over all images. Runs the network twice.
std::map<std::string, Distribution> observe(const graph::Graph& graph, const std::set<std::string>& values,
                                            const Images& images, Progress& progress = Progress::none());

}  // namespace einet::fit
