// A report as JSON and as a table.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "eval/report.h"
#include "eval/text_table.h"

namespace einet::eval {
namespace {

/// The number of live runs disturbed by other processes.
std::string disturbances(const Report& report) {
  int disturbed = 0, repeats = 0, unsettled = 0;
  for (const MethodResult& method : report.methods) {
    if (!method.live) continue;
    disturbed += method.live->disturbed;
    repeats += method.live->repeats;
    unsettled += method.live->unsettled;
  }
  return "Live runs disturbed by other processes: " + std::to_string(disturbed) + ", repeated " +
         std::to_string(repeats) + " times; disturbed in every attempt, but included: " + std::to_string(unsettled) +
         "\n";
}

/// Conditional monotonicity; empty without log-probabilities.
std::string drops_table(const Report& report) {
  if (report.methods.empty() || report.methods.front().run.true_class_drops.empty()) return {};
  std::string table = padded("true class", 16);
  for (const double drop : kDrops) table += format("%7s %.2f", "drop >", drop);
  table += "  (share of samples whose true class loses that much probability)\n";
  for (const MethodResult& method : report.methods) {
    table += padded(method.name, 16);
    for (const double share : method.run.true_class_drops) table += format("%10.2f %%", 100 * share);
    table += '\n';
  }
  return table;
}

}  // namespace

nlohmann::json to_json(const RunMetrics& metrics) {
  nlohmann::json drops;
  for (std::size_t d = 0; d < metrics.true_class_drops.size(); ++d) {
    drops.push_back({{"above", kDrops[d]}, {"share", metrics.true_class_drops[d]}});
  }
  return {{"first_answer_seconds", metrics.first_answer_seconds},
          {"unanswered", metrics.unanswered},
          {"right_answers_lost", metrics.lost},
          {"frequent_initial_gain", metrics.frequent_initial},
          {"accuracy_at_quarters", metrics.accuracy_at_quarters},
          {"true_class_drops", drops}};
}

nlohmann::json to_json(const Report& report) {
  nlohmann::json methods = nlohmann::json::array();
  for (const MethodResult& method : report.methods) {
    nlohmann::json entry = {{"name", method.name},
                            {"overall_accuracy", method.accuracy.mean},
                            {"stderr", method.accuracy.standard_error},
                            {"over_static_optimal", method.over_static_optimal.mean},
                            {"over_static_optimal_stderr", method.over_static_optimal.standard_error},
                            {"planning_seconds", method.planning_seconds}};
    entry.update(to_json(method.run));
    if (method.live) {
      entry["live_accuracy"] = method.live->accuracy.mean;
      entry["live_stderr"] = method.live->accuracy.standard_error;
      entry["simulated_accuracy"] = method.live->simulated;
      entry["replayed_accuracy"] = method.live->replayed;
      entry["difference"] = method.live->difference;
      entry["disturbed"] = method.live->disturbed;
      entry["repeats"] = method.live->repeats;
      entry["unsettled"] = method.live->unsettled;
    }
    methods.push_back(std::move(entry));
  }
  nlohmann::json exits = nlohmann::json::array();
  for (const ExitMetrics& exit : report.exits) {
    exits.push_back({{"exit", exits.size() + 1},
                     {"accuracy", exit.accuracy},
                     {"calibration_error", exit.calibration_error},
                     {"risk_coverage_area", exit.risk_coverage_area},
                     {"macs", exit.macs},
                     {"seconds", exit.seconds}});
  }
  return {{"bundle", report.bundle},
          {"platform", report.platform},
          {"distribution", report.distribution},
          {"protocol", name_of(report.protocol)},
          {"samples", report.samples},
          {"horizon_seconds", report.horizon},
          {"methods", methods},
          {"exits", exits},
          {"elasticity", report.elasticity},
          {"oracle", report.oracle.mean},
          {"oracle_stderr", report.oracle.standard_error},
          {"note", report.note}};
}

std::string to_table(const Report& report) {
  std::vector<const MethodResult*> methods;
  for (const MethodResult& method : report.methods) methods.push_back(&method);
  std::stable_sort(methods.begin(), methods.end(),
                   [](const auto* a, const auto* b) { return a->accuracy.mean > b->accuracy.mean; });
  const bool live = std::any_of(methods.begin(), methods.end(), [](const auto* m) { return m->live.has_value(); });

  std::string table = report.bundle + ": overall accuracy in %, cut-off " + report.distribution + ", horizon " +
                      format("%.3f ms, ", 1e3 * report.horizon) + std::to_string(report.samples) + " samples (" +
                      name_of(report.protocol) + ")\n";
  table += padded("method", 16) + padded("simulated", 15) + padded("over static-optimal", 21);
  if (live) table += padded("live", 15) + padded("same images", 13) + padded("difference", 12);
  table += "re-planning\n";
  for (const MethodResult* method : methods) {
    table += padded(method->name, 16) + padded(percent(method->accuracy), 15);
    table += padded(method->name == "static-optimal" ? "" : percent(method->over_static_optimal, "%+6.2f ±"), 21);
    if (live && method->live) {
      table += padded(percent(method->live->accuracy), 15) +
               padded(format("%6.2f", 100 * method->live->simulated), 13) +
               padded(format("%+6.2f", 100 * method->live->difference), 12);
    } else if (live) {
      table += padded("", 40);
    }
    table += method->planning_seconds > 0 ? format("%.1f us", 1e6 * method->planning_seconds) : std::string("-");
    table += '\n';
  }
  table += padded("(oracle)", 16) + percent(report.oracle) + "  upper bound: the right exits are known in advance\n";
  if (live) table += disturbances(report);
  if (!report.note.empty()) table += report.note + '\n';
  return table;
}

std::string to_metrics_table(const Report& report) {
  std::string table = format("elasticity %.4f: E of static-optimal / accuracy of the best exit\n", report.elasticity);
  table += padded("method", 16) +
           "at 25 %  at 50 %  at 75 %  first answer  no answer  frequent class first  right answers lost\n";
  for (const MethodResult& method : report.methods) {
    const RunMetrics& run = method.run;
    table += padded(method.name, 16);
    for (const double accuracy : run.accuracy_at_quarters) table += format("%7.2f  ", 100 * accuracy);
    table += format("%9.3f ms  %7.2f %%  %+20.2f  %16.2f %%\n", 1e3 * run.first_answer_seconds, 100 * run.unanswered,
                    100 * run.frequent_initial, 100 * run.lost);
  }
  table +=
      "frequent class first: the gain in accuracy of --initial frequent. That of --initial previous depends on the "
      "order of the images.\n";
  table += drops_table(report);
  table += "exit  accuracy  calibration error  risk-coverage area         MACs       time\n";
  for (std::size_t k = 0; k < report.exits.size(); ++k) {
    const ExitMetrics& exit = report.exits[k];
    table += format("%4zu  %6.2f %%  %15.2f %%  %18.4f  %8.2f M  %7.3f ms\n", k + 1, 100 * exit.accuracy,
                    100 * exit.calibration_error, exit.risk_coverage_area, 1e-6 * static_cast<double>(exit.macs),
                    1e3 * exit.seconds);
  }
  return table;
}

}  // namespace einet::eval
