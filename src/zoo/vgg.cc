/// VGG-16: Simonyan, Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition", ICLR 2015,
/// configuration D, with batch normalisation and a head for small images. Two multi-exit forms:
///
///   exits=conv  a branch after each of the 13 convolutions' parts (convolution, normalisation, ReLU, pooling) and the
///               final classifier: 14 exits, the fine-grained VGG-16 of the paper;
///   exits=pool  one exit after each of the five pooling stages, the last being the final classifier: FlexVGG-16, after
///               Fang, Zeng, Zhang et al., "FlexDNN", SEC 2020, whose code is not public.
///
/// Pooling rounds up, so that 28x28 images reach 1x1 like 32x32 images.
#include <algorithm>
#include <array>

#include "einet/error.h"
#include "graph/builder.h"
#include "zoo/branch_parameters.h"
#include "zoo/families.h"

namespace einet::zoo {
namespace {

using graph::Builder;

struct Stage {
  int convolutions;
  int channels;
};

constexpr std::array<Stage, 5> kStages = {{{2, 64}, {2, 128}, {3, 256}, {3, 512}, {3, 512}}};

const std::vector<Parameter>& vgg_parameters() {
  static const std::vector<Parameter> all = with_branch_parameters({
      {"exits", "conv", "conv: after every convolution; pool: after every pooling; last: one, at the end"},
      {"width", "1", "share of the published number of channels"},
      {"dropout", "0.5", "dropout ratio in the final classifier"},
  });
  return all;
}

graph::Graph build_vgg(const NetworkOptions& options) {
  const Parameters given("vgg", vgg_parameters(), options.parameters);
  const std::string exits = given.choice("exits", {"conv", "pool", "last"});
  const double width = given.real("width", 0.01, 8);
  const double dropout = given.real("dropout", 0.0, 0.95);
  const graph::BranchShape branch = read_branch(given, scaled(64, width));
  if (std::min(options.height, options.width) < 17) {
    throw Error(ErrorKind::kUsage, "vgg", "needs images of at least 17x17, which five poolings reduce to 1x1");
  }
  Builder net("vgg", options.channels, options.height, options.width, options.seed);
  std::string x = net.input();
  int exit = 0;
  for (std::size_t s = 0; s < kStages.size(); ++s) {
    const bool last_stage = s + 1 == kStages.size();
    for (int i = 1; i <= kStages[s].convolutions; ++i) {
      const bool pooled = i == kStages[s].convolutions;
      const std::string name = "stage" + std::to_string(s + 1);
      x = net.conv_bn_relu(x, scaled(kStages[s].channels, width), {}, name + ".conv" + std::to_string(i));
      if (pooled) x = net.max_pool(x, {.kernel = 2, .stride = 2, .padding = 0, .ceil_mode = true}, name + ".pool");
      if (exits == "conv" || (exits == "pool" && pooled && !last_stage)) {
        net.exit(append_branch(net, x, options.classes, branch, "branch" + std::to_string(++exit)));
      }
    }
  }
  x = net.flatten(x, "head.flatten");
  if (dropout > 0) x = net.dropout(x, static_cast<float>(dropout), "head.dropout1");
  x = net.relu(net.linear(x, scaled(512, width), "head.fc1"), "head.fc1.relu");
  if (dropout > 0) x = net.dropout(x, static_cast<float>(dropout), "head.dropout2");
  net.exit(net.linear(x, options.classes, "head.fc"));
  return std::move(net).build();
}

}  // namespace

Family vgg() { return {"vgg", vgg_parameters(), build_vgg}; }

}  // namespace einet::zoo
