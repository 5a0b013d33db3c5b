#include "graph/branch.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace einet::graph {
namespace {

constexpr int kLargestSide = 8;

int longer_side(const Builder& net, const std::string& x) {
  const Shape shape = net.shape(x);
  return static_cast<int>(std::max(shape.at(1), shape.at(2)));
}

/// The mean of every channel over all positions, normalised: [channels].
std::string pooled(Builder& net, const std::string& x, std::size_t channels, const std::string& name) {
  std::vector<std::int64_t> positions;
  for (std::size_t d = 0; d < net.shape(x).size(); ++d) {
    if (d != channels) positions.push_back(static_cast<std::int64_t>(d) + 1);
  }
  return net.layer_norm(net.mean(x, std::move(positions), name + ".mean"), name + ".norm");
}

/// The convolutions; the result is a row.
std::string convolved(Builder& net, std::string x, const BranchShape& branch, const std::string& name) {
  if (const int side = longer_side(net, x); side > kLargestSide) {
    const int factor = (side + kLargestSide - 1) / kLargestSide;
    x = net.max_pool(x, {.kernel = factor, .stride = factor, .padding = 0, .ceil_mode = true}, name + ".pool");
  }
  for (int i = 1; i <= branch.convolutions; ++i) {
    const int side = longer_side(net, x);
    const int kernel = side > 1 ? 3 : 1;
    const int stride = i == 1 && side > 2 ? 2 : 1;
    x = net.conv_bn_relu(x, branch.channels, {.kernel = kernel, .stride = stride, .padding = kernel / 2},
                         name + ".conv" + std::to_string(i));
  }
  return net.flatten(x, name + ".flatten");
}

int shorter_side(const Builder& net, const std::string& x) {
  const Shape shape = net.shape(x);
  return static_cast<int>(std::min(shape.at(1), shape.at(2)));
}

/// A small network on the averaged pixels of an image; its result is a row.
std::string on_averaged_pixels(Builder& net, std::string x, const BranchShape& branch, const std::string& name) {
  constexpr int kLastSide = 4;
  const int factor = std::min((longer_side(net, x) + branch.pixels - 1) / branch.pixels, shorter_side(net, x));
  if (factor > 1) x = net.average_pool(x, {.kernel = factor, .stride = factor, .padding = 0}, name + ".pool");
  if (branch.convolutions > 0) {
    x = net.conv_bn_relu(x, branch.channels, {}, name + ".conv1");
    if (shorter_side(net, x) > 1) {
      x = net.max_pool(x, {.kernel = 2, .stride = 2, .padding = 0, .ceil_mode = true}, name + ".pool1");
    }
    int layer = 2;
    do {
      x = net.conv_bn_relu(x, 2 * branch.channels, {.stride = 2}, name + ".conv" + std::to_string(layer++));
    } while (longer_side(net, x) > kLastSide);
  }
  return net.flatten(x, name + ".flatten");
}

}  // namespace

std::string append_branch(Builder& net, std::string x, int classes, const BranchShape& branch, const std::string& name,
                          std::size_t channels) {
  if (branch.pixels > 0) {
    x = on_averaged_pixels(net, std::move(x), branch, name);
  } else {
    x = branch.convolutions > 0 ? convolved(net, std::move(x), branch, name) : pooled(net, x, channels, name);
  }
  for (int i = 1; i < branch.fully_connected; ++i) {
    const std::string layer = name + ".fc" + std::to_string(i);
    x = net.relu(net.linear(x, branch.hidden, layer), layer + ".relu");
  }
  return net.linear(x, classes, name + ".fc");
}

}  // namespace einet::graph
