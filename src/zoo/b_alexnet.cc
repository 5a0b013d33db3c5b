/// B-AlexNet: Teerapittayanon, McDanel, Kung, "BranchyNet: Fast Inference via Early Exiting from Deep Neural
/// Networks", ICPR 2016. Three exits: after the second and the third convolution, and at the end. Pooling rounds
/// up (32 -> 16 -> 8 -> 4). For 3x32x32 and 10 classes it has 605,886 parameters.
#include "einet/error.h"
#include "graph/builder.h"
#include "zoo/families.h"
#include "zoo/parameters.h"

namespace einet::zoo {
namespace {

using graph::Builder;
using graph::Window;

const std::vector<Parameter>& b_alexnet_parameters() {
  static const std::vector<Parameter> all = {
      {"exits", "all", "all: the three published exits; last: one, at the end"},
      {"width", "1", "share of the published number of channels and units"},
      {"dropout", "0.5", "dropout ratio between the fully connected layers"},
  };
  return all;
}

/// ReLU, then 3x3 pooling by 2.
std::string relu_pool(Builder& net, const std::string& x, const std::string& name) {
  const Window half{.kernel = 3, .stride = 2, .padding = 0, .ceil_mode = true};
  return net.max_pool(net.relu(x, name + ".relu"), half, name + ".pool");
}

std::string relu_pool_lrn(Builder& net, const std::string& x, const std::string& name) {
  return net.lrn(relu_pool(net, x, name), 3, 5e-5f, 0.75f, name + ".lrn");
}

std::string conv(Builder& net, const std::string& x, int channels, int kernel, const std::string& name) {
  return net.conv(x, channels, {.kernel = kernel, .stride = 1, .padding = kernel / 2}, name, true);
}

graph::Graph build_b_alexnet(const NetworkOptions& options) {
  const Parameters given("b-alexnet", b_alexnet_parameters(), options.parameters);
  const bool branches = given.choice("exits", {"all", "last"}) == "all";
  const double width = given.real("width", 0.01, 8);
  const float dropout = static_cast<float>(given.real("dropout", 0.0, 0.95));
  if (options.height < 16 || options.width < 16) {
    throw Error(ErrorKind::kUsage, "b-alexnet", "needs images of at least 16x16");
  }
  Builder net("b-alexnet", options.channels, options.height, options.width, options.seed);
  const auto wide = [&](int channels) { return scaled(channels, width); };

  const auto first_branch = [&](std::string x) {
    x = conv(net, relu_pool_lrn(net, x, "branch1.in"), wide(32), 3, "branch1.conv1");
    x = conv(net, net.relu(x, "branch1.relu1"), wide(32), 3, "branch1.conv2");
    x = net.flatten(relu_pool(net, x, "branch1.out"), "branch1.flatten");
    net.exit(net.linear(x, options.classes, "branch1.fc"));
  };
  const auto second_branch = [&](std::string x) {
    x = conv(net, relu_pool_lrn(net, x, "branch2.in"), wide(32), 3, "branch2.conv1");
    x = net.flatten(relu_pool(net, x, "branch2.out"), "branch2.flatten");
    net.exit(net.linear(x, options.classes, "branch2.fc"));
  };

  std::string x = conv(net, net.input(), wide(32), 5, "conv1");
  x = conv(net, relu_pool_lrn(net, x, "conv1"), wide(64), 5, "conv2");
  if (branches) first_branch(x);
  x = conv(net, relu_pool_lrn(net, x, "conv2"), wide(96), 3, "conv3");
  if (branches) second_branch(x);
  x = conv(net, net.relu(x, "conv3.relu"), wide(96), 3, "conv4");
  x = conv(net, net.relu(x, "conv4.relu"), wide(64), 3, "conv5");
  x = net.flatten(relu_pool(net, x, "conv5"), "flatten");
  x = net.relu(net.linear(x, wide(256), "fc1"), "fc1.relu");
  if (dropout > 0) x = net.dropout(x, dropout, "fc1.dropout");
  x = net.relu(net.linear(x, wide(128), "fc2"), "fc2.relu");
  if (dropout > 0) x = net.dropout(x, dropout, "fc2.dropout");
  net.exit(net.linear(x, options.classes, "fc3"));
  return std::move(net).build();
}

}  // namespace

Family b_alexnet() { return {"b-alexnet", b_alexnet_parameters(), build_b_alexnet}; }

}  // namespace einet::zoo
