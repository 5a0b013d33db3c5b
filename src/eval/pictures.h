#pragma once

#include <string>

#include "eval/compare.h"
#include "eval/report.h"

namespace einet::eval {

/// The accuracy of every method over the time of the cut-off, as a standalone SVG.
std::string curves_svg(const Report& report);

/// The overall accuracy of every bundle by method, as a standalone SVG.
std::string accuracies_svg(const Comparison& comparison);

}  // namespace einet::eval
