#pragma once

#include <string>
#include <vector>

namespace einet::data {

/// Names of the classes, in the order of the labels, as published with each dataset.
const std::vector<std::string>& digit_names();
const std::vector<std::string>& fashion_names();
const std::vector<std::string>& cifar10_names();
const std::vector<std::string>& cifar100_names();  ///< The fine labels.

}  // namespace einet::data
