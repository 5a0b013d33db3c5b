#pragma once

#include <string>
#include <vector>

#include "train/trainer.h"

namespace einet::cli {

/// A standalone SVG: above, accuracy of up to six exits and of the best static plan; below, their losses.
std::string training_curves_svg(const std::vector<train::EpochReport>& epochs);

}  // namespace einet::cli
