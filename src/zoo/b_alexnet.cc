/// B-AlexNet: Teerapittayanon, McDanel, Kung, "BranchyNet: Fast Inference via Early Exiting from Deep Neural
/// Networks", ICPR 2016. Three exits: after the second and the third convolution, and at the end. Pooling rounds
/// up (32 -> 16 -> 8 -> 4). For 3x32x32 and 10 classes it has 605,886 parameters.
#include "einet/core/error.h"
#include "einet/graph/builder.h"
#include "families.h"
#include "parameters.h"

namespace einet::zoo {
namespace {

using graph::Builder;
using graph::Window;

const std::vector<Parameter>& parameters() {
  static const std::vector<Parameter> all = {{"dropout", "0.5", "dropout ratio between the fully connected layers"}};
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

void first_branch(Builder& net, std::string x, int classes) {
  x = conv(net, relu_pool_lrn(net, x, "branch1.in"), 32, 3, "branch1.conv1");
  x = conv(net, net.relu(x, "branch1.relu1"), 32, 3, "branch1.conv2");
  x = net.flatten(relu_pool(net, x, "branch1.out"), "branch1.flatten");
  net.exit(net.linear(x, classes, "branch1.fc"));
}

void second_branch(Builder& net, std::string x, int classes) {
  x = conv(net, relu_pool_lrn(net, x, "branch2.in"), 32, 3, "branch2.conv1");
  x = net.flatten(relu_pool(net, x, "branch2.out"), "branch2.flatten");
  net.exit(net.linear(x, classes, "branch2.fc"));
}

graph::Graph build_b_alexnet(const NetworkOptions& options) {
  const Parameters given("b-alexnet", parameters(), options.parameters);
  const float dropout = static_cast<float>(given.real("dropout", 0.0, 0.95));
  if (options.height < 16 || options.width < 16) {
    throw Error(ErrorKind::kUsage, "b-alexnet", "needs images of at least 16x16");
  }
  Builder net("b-alexnet", options.channels, options.height, options.width, options.seed);
  std::string x = conv(net, net.input(), 32, 5, "conv1");
  x = conv(net, relu_pool_lrn(net, x, "conv1"), 64, 5, "conv2");
  first_branch(net, x, options.classes);
  x = conv(net, relu_pool_lrn(net, x, "conv2"), 96, 3, "conv3");
  second_branch(net, x, options.classes);
  x = conv(net, net.relu(x, "conv3.relu"), 96, 3, "conv4");
  x = conv(net, net.relu(x, "conv4.relu"), 64, 3, "conv5");
  x = net.flatten(relu_pool(net, x, "conv5"), "flatten");
  x = net.relu(net.linear(x, 256, "fc1"), "fc1.relu");
  if (dropout > 0) x = net.dropout(x, dropout, "fc1.dropout");
  x = net.relu(net.linear(x, 128, "fc2"), "fc2.relu");
  if (dropout > 0) x = net.dropout(x, dropout, "fc2.dropout");
  net.exit(net.linear(x, options.classes, "fc3"));
  return std::move(net).build();
}

}  // namespace

Family b_alexnet() {
  return {"b-alexnet", "AlexNet for small images with three exits (Teerapittayanon et al., ICPR 2016)", parameters(),
          build_b_alexnet};
}

}  // namespace einet::zoo
