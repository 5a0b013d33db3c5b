#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "graph/builder.h"
#include "graph/insertion.h"

namespace einet::graph {

/// A stem, a residual unit that keeps the size, one that halves it, a convolution with pooling, a head.
inline Graph residual_network(const std::string& last = "logits") {
  Builder b("residual", 3, 32, 32, 1);
  std::string x = b.conv_bn_relu(b.input(), 16, {}, "stem");
  const auto unit = [&](const std::string& from, int channels, int stride, const std::string& name) {
    std::string y = b.conv_bn_relu(from, channels, {.stride = stride}, name + ".a");
    y = b.batch_norm(b.conv(y, channels, {}, name + ".b"), name + ".bn");
    const std::string around =
        stride == 1 ? from : b.conv(from, channels, {.kernel = 1, .stride = stride, .padding = 0}, name + ".fit");
    return b.relu(b.add(y, around, name + ".sum"), name + ".relu");
  };
  x = unit(unit(x, 16, 1, "unit1"), 32, 2, "unit2");
  x = b.max_pool(b.conv_bn_relu(x, 32, {}, "plain"), {.kernel = 2, .stride = 2, .padding = 0}, "pool");
  x = b.flatten(b.global_average_pool(b.conv_bn_relu(x, 64, {}, "end"), "gap"), "flat");
  x = b.linear(x, 10, last);
  b.keep_output(x);
  return std::move(b).build();
}

/// A dense block of three layers, a transition, a head.
inline Graph dense_network() {
  Builder b("dense", 3, 32, 32, 1);
  std::vector<std::string> features = {b.conv_bn_relu(b.input(), 16, {}, "stem")};
  std::string x = features[0];
  for (int layer = 1; layer <= 3; ++layer) {
    const std::string name = "layer" + std::to_string(layer);
    x = b.relu(b.batch_norm(x, name + ".bn"), name + ".relu");
    x = b.conv_bn_relu(x, 32, {.kernel = 1, .padding = 0}, name + ".narrow");
    features.push_back(b.conv(x, 8, {}, name + ".new"));
    x = b.concat(features, name + ".cat");
  }
  x = b.relu(b.batch_norm(x, "transition.bn"), "transition.relu");
  x = b.average_pool(b.conv(x, 20, {.kernel = 1, .padding = 0}, "transition"), {.kernel = 2, .stride = 2, .padding = 0},
                     "transition.pool");
  x = b.conv_bn_relu(x, 32, {}, "end");
  b.keep_output(b.linear(b.flatten(b.global_average_pool(x, "gap"), "flat"), 10, "logits"));
  return std::move(b).build();
}

/// Multiply-accumulates of the trunk.
inline std::int64_t trunk_of(const Graph& graph) {
  const Place place = find_places(graph).front();
  return place.macs_before + place.macs_after;
}

}  // namespace einet::graph
