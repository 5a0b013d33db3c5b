#pragma once

#include <string>
#include <vector>

#include "plot/bars.h"
#include "reproduce/context.h"
#include "reproduce/table.h"

// What items have in common: texts, and values for charts.
namespace einet::reproduce {

/// A difference of shares in signed percentage points: 0.0028 -> "+0.28".
std::string points(double difference);
/// A share in per cent: 0.8312 -> "83.12 %".
std::string percent(double share);
/// Three significant digits: 1.23.
std::string tidy(double number);
/// Why a subject has no value for methods that need a predictor, and what adds it.
std::string without_predictor(const Subject& subject);
/// The cell's value and error times `factor`; none where the cell has no value.
plot::Bar bar_of(const Cell& cell, double factor);
/// The bundles of the context's folder that are not in `shown`, without single-exit baselines.
std::vector<std::string> other_bundles(Context& context, const std::vector<std::string>& shown);
/// The data set of a bundle; "" where it is unknown.
std::string dataset_of(Context& context, const std::string& bundle);

}  // namespace einet::reproduce
