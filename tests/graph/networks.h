#pragma once

#include "einet/graph/builder.h"

namespace einet::graph {

/// A two-exit network [N,3,16,16] with every layer that Builder has; seconds to check, kilobytes to store.
inline Graph small_network(std::uint64_t seed = 1) {
  Builder b("small", 3, 16, 16, seed);
  std::string x = b.conv_bn_relu(b.input(), 8, {}, "stem");
  x = b.max_pool(x, {.kernel = 3, .stride = 2, .padding = 0, .ceil_mode = true}, "pool");
  x = b.lrn(x, 3, 5e-5f, 0.75f, "lrn");
  b.exit(b.linear(b.flatten(b.average_pool(x, {.kernel = 2, .stride = 2, .padding = 0}, "e1.pool"), "e1.flat"), 10,
                  "e1.fc"));
  const std::string left = b.conv_bn_relu(x, 8, {.kernel = 1, .padding = 0}, "left");
  x = b.concat({b.add(x, left, "sum"), b.conv(x, 4, {}, "right", true)}, "cat");
  x = b.dropout(b.flatten(b.global_average_pool(x, "gap"), "flat"), 0.5f, "drop");
  b.exit(b.linear(b.relu(b.linear(x, 12, "fc1"), "relu"), 10, "fc2"));
  return std::move(b).build();
}

/// One exit, as few weights as possible.
inline Graph tiny_network() {
  Builder b("tiny", 1, 4, 4, 1);
  std::string x =
      b.max_pool(b.conv_bn_relu(b.input(), 1, {.kernel = 1, .padding = 0}, "c"), {.kernel = 4, .padding = 0}, "p");
  b.exit(b.linear(b.dropout(b.flatten(x, "f"), 0.5f, "d"), 2, "fc"));
  return std::move(b).build();
}

}  // namespace einet::graph
