#pragma once

#include <random>

#include "data/dataset.h"
#include "graph/builder.h"

namespace einet::train {

/// Images of 8x8 noise in which the quadrant of the class is brighter; a few steps suffice to learn them.
inline data::Dataset toy_images(int count, std::uint64_t seed) {
  data::Dataset toy{.name = "toy",
                    .channels = 1,
                    .height = 8,
                    .width = 8,
                    .label_names = {"top left", "top right", "bottom left", "bottom right"},
                    .normalization = {{0.4f}, {0.25f}},
                    .pixels = {},
                    .labels = {}};
  std::mt19937_64 random(seed);
  for (int i = 0; i < count; ++i) {
    const int label = i % 4;
    toy.labels.push_back(label);
    for (int y = 0; y < 8; ++y) {
      for (int x = 0; x < 8; ++x) {
        const bool bright = (y >= 4) == (label >= 2) && (x >= 4) == (label % 2 == 1);
        toy.pixels.push_back(static_cast<std::uint8_t>(random() % 128 + (bright ? 110 : 0)));
      }
    }
  }
  return toy;
}

/// Two exits; normalisation, concatenation, both pools, dropout and two linear layers.
inline graph::Graph toy_network(std::uint64_t seed = 1) {
  graph::Builder net("toy", 1, 8, 8, seed);
  const std::string stem = net.conv_bn_relu(net.input(), 6, {}, "stem");
  std::string x = net.max_pool(stem, {.kernel = 2, .stride = 2, .padding = 0}, "pool");
  net.exit(net.linear(net.flatten(x, "exit1.flatten"), 4, "exit1.fc"));
  x = net.concat({x, net.conv_bn_relu(x, 4, {}, "conv")}, "concat");
  x = net.average_pool(x, {.kernel = 2, .stride = 2, .padding = 0}, "average");
  x = net.relu(net.linear(net.flatten(x, "flatten"), 16, "fc1"), "fc1.relu");
  net.exit(net.linear(net.dropout(x, 0.3f, "dropout"), 4, "fc2"));
  return std::move(net).build();
}

}  // namespace einet::train
