// A comparison as JSON and as a table.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "eval/compare.h"
#include "eval/text_table.h"

namespace einet::eval {

nlohmann::json to_json(const Comparison& comparison) {
  nlohmann::json bundles = nlohmann::json::array();
  for (const ComparedBundle& bundle : comparison.bundles) {
    nlohmann::json methods = nlohmann::json::array();
    for (const ComparedMethod& method : bundle.methods) {
      nlohmann::json entry = {{"name", method.name},
                              {"overall_accuracy", method.accuracy.mean},
                              {"stderr", method.accuracy.standard_error},
                              {"over_first", nullptr},
                              {"over_first_stderr", nullptr}};
      if (method.over_first) {
        entry["over_first"] = method.over_first->mean;
        entry["over_first_stderr"] = method.over_first->standard_error;
      }
      entry.update(to_json(method.run));
      methods.push_back(std::move(entry));
    }
    bundles.push_back({{"bundle", bundle.name},
                       {"platform", bundle.platform},
                       {"busy", bundle.busy},
                       {"exits", bundle.exits},
                       {"parameters", bundle.parameters},
                       {"run_everything_seconds", bundle.run_everything_seconds},
                       {"best_exit_accuracy", bundle.best_exit_accuracy},
                       {"elasticity", bundle.elasticity},
                       {"methods", std::move(methods)}});
  }
  return {{"distribution", comparison.distribution},
          {"horizon_seconds", comparison.horizon},
          {"samples", comparison.samples},
          {"protocol", name_of(comparison.protocol)},
          {"bundles", std::move(bundles)}};
}

std::string to_table(const Comparison& comparison) {
  std::string table = "overall accuracy in %, cut-off " + comparison.distribution + ", common horizon " +
                      format("%.3f ms, ", 1e3 * comparison.horizon) + std::to_string(comparison.samples) +
                      " samples (" + name_of(comparison.protocol) + ")\n";
  std::size_t width = 6;
  for (const ComparedBundle& bundle : comparison.bundles) width = std::max(width, bundle.name.size());
  const int column = static_cast<int>(width) + 2;
  table += padded("bundle", column) + padded("method", 16) + padded("accuracy", 15) + padded("over the first", 16) +
           "at 25 %  at 50 %  at 75 %  first answer  no answer\n";
  for (const ComparedBundle& bundle : comparison.bundles) {
    for (const ComparedMethod& method : bundle.methods) {
      table +=
          padded(bundle.name, column) + padded(method.name, 16) + padded(percent(method.accuracy), 15) +
          padded(!method.over_first || &bundle == &comparison.bundles.front() ? ""
                                                                              : percent(*method.over_first, "%+6.2f ±"),
                 16);
      for (const double accuracy : method.run.accuracy_at_quarters) table += format("%7.2f  ", 100 * accuracy);
      table += format("%9.3f ms  %7.2f %%\n", 1e3 * method.run.first_answer_seconds, 100 * method.run.unanswered);
    }
  }
  table += padded("bundle", column) + "exits  parameters  runs everything in  best exit  elasticity  times of\n";
  for (const ComparedBundle& bundle : comparison.bundles) {
    table += padded(bundle.name, column) +
             format("%5d  %8.3f M  %15.3f ms  %7.2f %%  %10.4f  ", bundle.exits,
                    1e-6 * static_cast<double>(bundle.parameters), 1e3 * bundle.run_everything_seconds,
                    100 * bundle.best_exit_accuracy, bundle.elasticity) +
             bundle.platform + (bundle.busy ? " (busy)" : "") + '\n';
  }
  const auto is_busy = [](const ComparedBundle& bundle) { return bundle.busy; };
  if (std::any_of(comparison.bundles.begin(), comparison.bundles.end(), is_busy)) {
    table +=
        "(busy): measured while other programs ran; these times, and the common horizon if they are those of the first "
        "bundle, may be too long. --measure measures again.\n";
  }
  return table;
}

}  // namespace einet::eval
