/// The networks by name, each with its source and the parameters of its family. The sizes for training on a CPU take at
/// most about seven minutes per epoch of CIFAR-10 on two cores with bf16, judging by measurements at 313 M (VGG-16, 327
/// s) and 44 M multiply-accumulates (an MSDNet, 260 s).
#include "zoo/zoo.h"

namespace einet::zoo {
namespace {

using Preset = std::map<std::string, std::string>;

Preset operator+(Preset over, const Preset& preset) {
  over.insert(preset.begin(), preset.end());
  return over;
}

/// Adds a network and its single-exit baselines (paper, figure 9). `half`: the width that halves its channels.
void add(std::vector<NamedNetwork>& all, const NamedNetwork& network, const std::string& half = "0.5") {
  const Preset classic = Preset{{"exits", "last"}} + network.preset;
  all.push_back(network);
  all.push_back(
      {network.name + "-classic", "baseline: " + network.name + " with one exit, at the end", network.family, classic});
  all.push_back({network.name + "-compressed", "baseline: the same with half the channels", network.family,
                 Preset{{"width", half}} + classic});
}

std::vector<NamedNetwork> all_networks() {
  std::vector<NamedNetwork> all;
  add(all, {"b-alexnet", "AlexNet for small images (Teerapittayanon et al., ICPR 2016)", "b-alexnet", {}});

  const Preset pools = {{"exits", "pool"}};
  add(all, {"flexvgg16", "VGG-16, an exit after every pooling (after Fang et al., SEC 2020)", "vgg", pools});
  add(all, {"flexvgg16-small", "flexvgg16 with half the channels", "vgg", Preset{{"width", "0.5"}} + pools}, "0.25");

  add(all, {"vgg16", "VGG-16, an exit after every convolution (Simonyan, Zisserman, ICLR 2015)", "vgg", {}});
  add(all, {"vgg16-small", "vgg16 with half the channels", "vgg", {{"width", "0.5"}}}, "0.25");

  add(all, {"resnet50", "ResNet-50 (He et al., CVPR 2016)", "resnet", {}});
  add(all, {"resnet50-small", "resnet50 with a quarter of the channels", "resnet", {{"width", "0.25"}}}, "0.125");

  const Preset msdnet21 = {{"blocks", "21"}, {"base", "4"}, {"step", "2"}, {"channels", "16"}};
  const Preset msdnet40 = {{"blocks", "40"}, {"base", "2"}, {"step", "1"}, {"channels", "8"}};
  const Preset small21 = {{"base", "2"}, {"step", "1"}, {"channels", "8"}, {"growth", "4"}, {"branch_channels", "32"}};
  const Preset small40 = {{"growth", "3"}, {"branch_channels", "24"}};
  const Preset stock = {{"branch", "stock"}};
  add(all, {"msdnet21", "multi-scale dense network of 21 blocks (Huang et al., ICLR 2018)", "msdnet", msdnet21});
  all.push_back({"msdnet21-stock", "msdnet21 with its authors' classifiers", "msdnet", stock + msdnet21});
  add(all, {"msdnet21-small", "msdnet21, shallower and narrower", "msdnet", small21 + msdnet21});
  add(all, {"msdnet40", "multi-scale dense network of 40 blocks (Huang et al., ICLR 2018)", "msdnet", msdnet40});
  all.push_back({"msdnet40-stock", "msdnet40 with its authors' classifiers", "msdnet", stock + msdnet40});
  add(all, {"msdnet40-small", "msdnet40, narrower", "msdnet", small40 + msdnet40});
  all.push_back({"msdnet", "multi-scale dense network of any size", "msdnet", {}});
  return all;
}

}  // namespace

const std::vector<NamedNetwork>& networks() {
  static const std::vector<NamedNetwork> all = all_networks();
  return all;
}

}  // namespace einet::zoo
