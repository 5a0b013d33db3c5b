#include "reproduce/paper.h"

namespace einet::reproduce {

const std::vector<PaperNetwork>& paper_networks() {
  static const std::vector<PaperNetwork> all = {
      {"B-AlexNet", "b-alexnet", {0.7843, 0.7871}, {0.4640, 0.4641}},
      {"ResNet-50", "resnet50-small", {0.8562, 0.8665}, {0.6273, 0.6329}},
      {"FlexVGG-16", "flexvgg16-small", {0.8810, 0.8823}, {0.6588, 0.6603}},
      {"MSDNet21", "msdnet21-small", {0.8087, 0.8111}, {0.6225, 0.6392}},
      {"VGG-16", "vgg16-small", {0.8898, 0.8912}, {0.6563, 0.6608}},
      {"MSDNet40", "msdnet40-small", {0.8638, 0.8660}, {0.6614, 0.6793}},
  };
  return all;
}

const std::array<PaperDataset, 3>& paper_datasets() {
  static const std::array<PaperDataset, 3> all = {
      {{"mnist", "MNIST"}, {"cifar10", "CIFAR-10"}, {"cifar100", "CIFAR-100"}}};
  return all;
}

std::vector<std::string> paper_bundles(const std::vector<std::string>& datasets) {
  std::vector<std::string> names;
  for (const std::string& data : datasets) {
    for (const PaperNetwork& network : paper_networks()) names.push_back(data + "-" + network.name);
  }
  return names;
}

}  // namespace einet::reproduce
