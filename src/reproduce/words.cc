#include "reproduce/words.h"

#include <algorithm>
#include <iterator>

#include "eval/text_table.h"

namespace einet::reproduce {

using eval::format;
std::string points(double difference) {
  std::string text = format("%+.2f", 100.0 * difference);
  if (text == "-0.00") text = "+0.00";
  if (text.starts_with('-')) text.replace(0, 1, "−");
  return text;
}

std::string percent(double share) { return format("%.2f %%", 100.0 * share); }

std::string tidy(double number) { return format("%.3g", number); }

std::string without_predictor(const Subject& subject) {
  return "profiles only: EINet as published needs predictors, which `einet predictor fit " + subject.name +
         ".einet` (12 minutes for 40 exits) or `einet reproduce --train` fits";
}

plot::Bar bar_of(const Cell& cell, double factor) {
  plot::Bar bar;
  if (cell.value) bar.value = factor * *cell.value;
  if (cell.error) bar.error = factor * *cell.error;
  return bar;
}

std::vector<std::string> other_bundles(Context& context, const std::vector<std::string>& shown) {
  std::vector<std::string> others;
  std::ranges::copy_if(context.names(), std::back_inserter(others), [&](const std::string& name) {
    return std::ranges::find(shown, name) == shown.end() && !name.ends_with("-classic") &&
           !name.ends_with("-compressed");
  });
  return others;
}

std::string dataset_of(Context& context, const std::string& bundle) {
  const Subject* subject = context.find(bundle);
  return subject == nullptr ? "" : subject->bundle.dataset;
}

}  // namespace einet::reproduce
