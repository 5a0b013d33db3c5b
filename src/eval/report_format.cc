// A report as JSON and as a table.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "eval/report.h"

namespace einet::eval {
namespace {

const char* name_of(Protocol protocol) { return protocol == Protocol::kHeldOut ? "held-out" : "same-samples"; }

template <class... Args>
std::string format(const char* pattern, Args... args) {
  char text[160];
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}

/// "83.12 ±0.31", in per cent, the mean by `pattern`; "83.12 ±-" where the error is unknown.
std::string percent(const policy::Estimate& estimate, const char* pattern = "%6.2f ±") {
  const std::string mean = format(pattern, 100 * estimate.mean);
  return mean + (std::isnan(estimate.standard_error) ? "-" : format("%.2f", 100 * estimate.standard_error));
}

/// Pads to `width` characters on the screen: bytes of a UTF-8 sequence after its first take no room.
std::string padded(std::string text, int width) {
  const auto shown = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  if (shown < width) text.append(static_cast<std::size_t>(width - shown), ' ');
  return text;
}

/// How often the machine was too busy for a live run.
std::string disturbances(const Report& report) {
  int disturbed = 0, repeats = 0, unsettled = 0;
  for (const MethodResult& method : report.methods) {
    if (!method.live) continue;
    disturbed += method.live->disturbed;
    repeats += method.live->repeats;
    unsettled += method.live->unsettled;
  }
  return "Live runs disturbed by other processes: " + std::to_string(disturbed) + ", repeated " +
         std::to_string(repeats) +
         " times; disturbed in every attempt, and counted nevertheless: " + std::to_string(unsettled) + "\n";
}

}  // namespace

nlohmann::json to_json(const Report& report) {
  nlohmann::json methods = nlohmann::json::array();
  for (const MethodResult& method : report.methods) {
    nlohmann::json entry = {{"name", method.name},
                            {"overall_accuracy", method.accuracy.mean},
                            {"stderr", method.accuracy.standard_error},
                            {"over_static_optimal", method.over_static_optimal.mean},
                            {"over_static_optimal_stderr", method.over_static_optimal.standard_error},
                            {"planning_seconds", method.planning_seconds}};
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
  return {{"bundle", report.bundle},
          {"platform", report.platform},
          {"distribution", report.distribution},
          {"protocol", name_of(report.protocol)},
          {"samples", report.samples},
          {"horizon_seconds", report.horizon},
          {"methods", methods},
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
  table += padded("(oracle)", 16) + percent(report.oracle) + "  knows which exits will be right\n";
  if (live) table += disturbances(report);
  if (!report.note.empty()) table += report.note + '\n';
  return table;
}

}  // namespace einet::eval
