/// ResNet-50: He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016: bottleneck units (3, 4,
/// 6, 3), here with the 3x3 stem without pooling that is usual for small images. The residual unit is the smallest conv
/// part.
///
///   exits=six    after the stem and after units 3, 7, 10, 13 and 16, the last being the final classifier. The number
///                is from EINet's paper; the places, the ends of the stages and the middle of the longest, are ours;
///   exits=units  after the stem and after every unit, the last being the final classifier: 17.
#include <algorithm>
#include <array>

#include "graph/builder.h"
#include "zoo/branch_parameters.h"
#include "zoo/families.h"

namespace einet::zoo {
namespace {

using graph::Builder;

constexpr std::array<int, 4> kUnits = {3, 4, 6, 3};
constexpr std::array<int, 4> kSixAfter = {3, 7, 10, 13};
constexpr int kLastUnit = 16;
constexpr int kExpansion = 4;

const std::vector<Parameter>& resnet_parameters() {
  static const std::vector<Parameter> all = with_branch_parameters({
      {"exits", "six", "six: after stem and units 3, 7, 10, 13, 16; units: after every unit; last: one, at the end"},
      {"width", "1", "share of the published number of channels"},
  });
  return all;
}

std::string conv_bn(Builder& net, const std::string& x, int channels, int kernel, int stride, const std::string& name) {
  return net.batch_norm(
      net.conv(x, channels, {.kernel = kernel, .stride = stride, .padding = kernel / 2}, name + ".conv"), name + ".bn");
}

/// 1x1 to `channels`, 3x3, 1x1 to four times as many, added to the input, which a 1x1 convolution adapts if the sizes
/// differ.
std::string unit(Builder& net, const std::string& x, int channels, int stride, const std::string& name) {
  const int wide = kExpansion * channels;
  std::string y = net.relu(conv_bn(net, x, channels, 1, 1, name + ".narrow"), name + ".narrow.relu");
  y = net.relu(conv_bn(net, y, channels, 3, stride, name + ".middle"), name + ".middle.relu");
  y = conv_bn(net, y, wide, 1, 1, name + ".wide");
  const bool fits = stride == 1 && net.shape(x).front() == wide;
  const std::string shortcut = fits ? x : conv_bn(net, x, wide, 1, stride, name + ".shortcut");
  return net.relu(net.add(y, shortcut, name + ".sum"), name + ".relu");
}

bool exit_after(int units, const std::string& exits) {
  if (exits == "units") return units < kLastUnit;
  return exits == "six" && (units == 0 || std::ranges::find(kSixAfter, units) != kSixAfter.end());
}

graph::Graph build_resnet(const NetworkOptions& options) {
  const Parameters given("resnet", resnet_parameters(), options.parameters);
  const std::string exits = given.choice("exits", {"six", "units", "last"});
  const int channels = scaled(64, given.real("width", 0.01, 8));
  const graph::BranchShape branch = read_branch(given, channels);

  Builder net("resnet", options.channels, options.height, options.width, options.seed);
  int done = 0;
  int exit = 0;
  const auto may_exit = [&](const std::string& x) {
    if (!exit_after(done, exits)) return;
    net.exit(append_branch(net, x, options.classes, branch, "branch" + std::to_string(++exit)));
  };
  std::string x = net.conv_bn_relu(net.input(), channels, {}, "stem");
  may_exit(x);
  for (std::size_t stage = 0; stage < kUnits.size(); ++stage) {
    for (int i = 0; i < kUnits[stage]; ++i) {
      x = unit(net, x, channels << stage, stage > 0 && i == 0 ? 2 : 1, "unit" + std::to_string(++done));
      may_exit(x);
    }
  }
  x = net.flatten(net.global_average_pool(x, "head.pool"), "head.flatten");
  net.exit(net.linear(x, options.classes, "head.fc"));
  return std::move(net).build();
}

}  // namespace

Family resnet() { return {"resnet", resnet_parameters(), build_resnet}; }

}  // namespace einet::zoo
