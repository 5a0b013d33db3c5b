#pragma once

#include <array>
#include <string>
#include <vector>

namespace einet::reproduce {

/// Overall accuracies of Table II in [0,1], one data set.
struct PaperAccuracies {
  double static_optimal = 0.0;
  double einet = 0.0;
};

/// A network of the paper's evaluation.
struct PaperNetwork {
  std::string title;        ///< "VGG-16".
  std::string name;         ///< Ours, in the names of bundles: "vgg16-small".
  PaperAccuracies cifar10;  ///< Table II.
  PaperAccuracies cifar100;
};

/// The six networks in the order of Table II (Huang, Gao, Dong, "Elastic DNN Inference with Unpredictable Exit in Edge
/// Computing", ICDCS 2023).
const std::vector<PaperNetwork>& paper_networks();

/// A data set of the evaluation: ours ("cifar10") and as people write it ("CIFAR-10").
struct PaperDataset {
  std::string name;
  std::string title;
};
const std::array<PaperDataset, 3>& paper_datasets();  ///< MNIST, CIFAR-10, CIFAR-100.

/// Names of the bundles of all six networks on these data sets: "cifar10-b-alexnet", …
std::vector<std::string> paper_bundles(const std::vector<std::string>& datasets);

}  // namespace einet::reproduce
