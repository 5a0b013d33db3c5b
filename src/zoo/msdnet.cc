/// Multi-scale dense network: Huang, Chen, Li, Wu, van der Maaten, Weinberger, "Multi-Scale Dense Networks for
/// Resource Efficient Image Classification", ICLR 2018, the variant for small images.
///
/// The network keeps feature maps at several scales at once, so that even its first layers provide coarse features that
/// can be classified: every exit reads the coarsest scale. A layer adds a few channels to each scale (DenseNet's
/// concatenation), computed from the same scale and, except for the finest, from the next finer one. After each third
/// of the layers the finest scale, which is no longer needed, is dropped and a 1x1 transition halves the channels.
///
/// The channel counts of the scales are those of the finest times 1, 2, 4, …. With 21 blocks, step 2, base 4 and 16
/// channels this is the 21-exit network of the paper: 15 M multiply-accumulates to the first exit, 367 M to the last.
#include <algorithm>
#include <cmath>

#include "einet/error.h"
#include "graph/builder.h"
#include "zoo/branch_parameters.h"
#include "zoo/families.h"

namespace einet::zoo {
namespace {

using graph::Builder;
using graph::Window;

constexpr Window kPointwise{.kernel = 1, .stride = 1, .padding = 0};
constexpr Window kSame{.kernel = 3, .stride = 1, .padding = 1};
constexpr Window kHalving{.kernel = 3, .stride = 2, .padding = 1};

const std::vector<Parameter>& msdnet_parameters() {
  static const std::vector<Parameter> all = with_branch_parameters({
      {"blocks", "21", "number of blocks, each with one exit"},
      {"base", "4", "layers of the first block"},
      {"step", "2", "layers of every later block"},
      {"channels", "16", "channels of the first layer at the finest scale"},
      {"growth", "6", "channels that a layer adds at the finest scale"},
      {"scales", "3", "number of scales, each half the size of the next finer one"},
      {"bottleneck", "on", "1x1 convolution before every 3x3: on, off"},
      {"reduction", "0.5", "share of channels kept where a scale is dropped"},
      {"exits", "all", "all: after every block; last: one, at the end"},
      {"width", "1", "multiplies channels and growth"},
      {"branch", "conv-fc",
       "conv-fc: convolutions, fully connected layers; stock: the authors' classifier, 128 channels"},
  });
  return all;
}

struct Shape {
  int blocks, base, step, channels, growth, scales;
  bool bottleneck, stock, all_exits;
  double reduction;
  graph::BranchShape branch;
};

Shape read(const NetworkOptions& options) {
  const Parameters given("msdnet", msdnet_parameters(), options.parameters);
  Shape s{};
  s.blocks = given.integer("blocks", 1, 200);
  s.base = given.integer("base", 1, 100);
  s.step = given.integer("step", 1, 100);
  const double width = given.real("width", 0.01, 8);
  s.channels = scaled(given.integer("channels", 1, 1024), width);
  s.growth = scaled(given.integer("growth", 1, 1024), width);
  s.scales = given.integer("scales", 1, 6);
  s.bottleneck = given.flag("bottleneck");
  s.reduction = given.real("reduction", 0.01, 1.0);
  s.stock = given.choice("branch", {"conv-fc", "stock"}) == "stock";
  s.all_exits = given.choice("exits", {"all", "last"}) == "all";
  s.branch = read_branch(given, s.stock ? 128 : 4 * s.growth);
  const int smallest = s.stock ? 5 : 2;
  const int side = std::min(options.height, options.width);
  if ((side + (1 << (s.scales - 1)) - 1) >> (s.scales - 1) < smallest) {
    throw Error(
        ErrorKind::kUsage, "msdnet",
        "images of side " + std::to_string(side) + " are too small for " + std::to_string(s.scales) + " scales");
  }
  return s;
}

/// The scales present at a given depth, finest first, and the channels of scale 0, the unit of all channel counts.
struct Features {
  std::vector<std::string> maps;
  int unit = 0;
};

class MsdNet {
 public:
  MsdNet(const NetworkOptions& options, const Shape& shape)
      : s_(shape),
        classes_(options.classes),
        layers_(shape.base + (shape.blocks - 1) * shape.step),
        net_("msdnet", options.channels, options.height, options.width, options.seed) {}

  graph::Graph build() && {
    Features x = first_layer();
    int depth = 0;
    for (int block = 1; block <= s_.blocks; ++block) {
      for (int i = 0; i < (block == 1 ? s_.base : s_.step); ++i) x = layer(x, ++depth);
      if (s_.all_exits || block == s_.blocks) exit(x.maps.back(), "branch" + std::to_string(block));
    }
    return std::move(net_).build();
  }

 private:
  Features first_layer() {
    Features x{.maps = {}, .unit = s_.channels};
    std::string finer = net_.input();
    for (int scale = 0; scale < s_.scales; ++scale) {
      finer = net_.conv_bn_relu(finer, s_.channels << scale, scale == 0 ? kSame : kHalving,
                                "first.scale" + std::to_string(scale));
      x.maps.push_back(finer);
    }
    return x;
  }

  int scales_after(int depth) const { return s_.scales - depth / ((layers_ + s_.scales - 1) / s_.scales); }

  /// Layer `depth` (from 1), with the transition if it drops a scale.
  Features layer(const Features& x, int depth) {
    const std::string name = "layer" + std::to_string(depth);
    const int in_scales = scales_after(std::max(0, depth - 2));
    const int out_scales = scales_after(depth - 1);
    Features out{.maps = {}, .unit = x.unit + s_.growth};
    for (int scale = s_.scales - out_scales; scale < s_.scales; ++scale) {
      const int at = scale - (s_.scales - in_scales);
      const std::string prefix = name + ".scale" + std::to_string(scale);
      const std::string& same = x.maps[at];
      const int width = s_.growth << scale;
      if (at == 0) {
        out.maps.push_back(net_.concat({same, unit(same, width, scale, kSame, prefix)}, prefix + ".concat"));
      } else {
        const std::string down = unit(x.maps[at - 1], width / 2, scale - 1, kHalving, prefix + ".down");
        const std::string normal = unit(same, width / 2, scale, kSame, prefix);
        out.maps.push_back(net_.concat({same, down, normal}, prefix + ".concat"));
      }
    }
    if (in_scales > out_scales && s_.reduction < 1.0) reduce(out, out_scales, name);
    return out;
  }

  /// Bottleneck and 3x3 convolution to `width` channels; `scale` is that of the input.
  std::string unit(std::string x, int width, int scale, Window window, const std::string& name) {
    if (s_.bottleneck) {
      const int inner = std::min(static_cast<int>(net_.shape(x)[0]), width << scale);
      x = net_.conv_bn_relu(x, inner, kPointwise, name + ".bottleneck");
    }
    return net_.conv_bn_relu(x, width, window, name);
  }

  void reduce(Features& x, int out_scales, const std::string& name) {
    x.unit = std::max(1, static_cast<int>(std::floor(s_.reduction * x.unit)));
    for (int i = 0; i < out_scales; ++i) {
      const int scale = s_.scales - out_scales + i;
      x.maps[i] = net_.conv_bn_relu(x.maps[i], x.unit << scale, kPointwise,
                                    name + ".scale" + std::to_string(scale) + ".transition");
    }
  }

  void exit(const std::string& x, const std::string& name) {
    net_.exit(s_.stock ? stock_branch(x, name) : append_branch(net_, x, classes_, s_.branch, name));
  }

  std::string stock_branch(std::string x, const std::string& name) {
    x = net_.conv_bn_relu(x, s_.branch.channels, kHalving, name + ".conv1");
    x = net_.conv_bn_relu(x, s_.branch.channels, kHalving, name + ".conv2");
    x = net_.average_pool(x, {.kernel = 2, .stride = 2, .padding = 0}, name + ".pool");
    return net_.linear(net_.flatten(x, name + ".flatten"), classes_, name + ".fc");
  }

  Shape s_;
  int classes_;
  int layers_;
  Builder net_;
};

graph::Graph build_msdnet(const NetworkOptions& options) { return MsdNet(options, read(options)).build(); }

}  // namespace

Family msdnet() { return {"msdnet", msdnet_parameters(), build_msdnet}; }

}  // namespace einet::zoo
