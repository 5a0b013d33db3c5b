#include "cli/server/bench_report.h"

#include <algorithm>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/parse.h"

namespace einet::cli {
namespace {

nlohmann::json to_json(const load::Quantiles& quantiles) {
  return {{"samples", quantiles.samples},
          {"p50_seconds", quantiles.p50},
          {"p99_seconds", quantiles.p99},
          {"p999_seconds", quantiles.p999}};
}

nlohmann::json to_json(const load::Row& row, const std::string& network) {
  const load::Summary& s = row.summary;
  nlohmann::json json{{"network", network},
                      {"protocol", load::name(row.protocol)},
                      {"timeout_us", nullptr},
                      {"requests", s.requests},
                      {"answered", s.answered_share()},
                      {"right", s.right_share()},
                      {"refusals", s.refusals},
                      {"answers_by_exit", s.exits},
                      {"latency", to_json(s.latency)},
                      {"lateness", to_json(s.lateness)},
                      {"client_delay", to_json(s.sent)},
                      {"predicted", nullptr}};
  if (row.timeout) json["timeout_us"] = row.timeout->count();
  if (row.prediction) json["predicted"] = {{"answered", row.prediction->answered}, {"right", row.prediction->right}};
  return json;
}

std::string percent(double share) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << 100 * share;
  return text.str();
}

std::string time(double seconds, int samples) { return samples > 0 ? format_seconds(seconds) : "-"; }

}  // namespace

nlohmann::json to_json(const LoadReport& report) {
  nlohmann::json rows = nlohmann::json::array();
  for (const load::Row& row : report.rows) rows.push_back(to_json(row, report.networks[row.network]));
  return {{"bundle", report.bundle},
          {"horizon_seconds", report.horizon},
          {"sessions", report.sessions},
          {"rate", report.rate},
          {"rows", rows}};
}

std::string to_table(const LoadReport& report) {
  std::ostringstream out;
  out << report.bundle << ": " << format_seconds(report.horizon) << " to run everything, ";
  if (report.sessions > 0) out << report.sessions << (report.sessions == 1 ? " session, " : " sessions, ");
  out << std::setprecision(4) << report.rate << " requests per second\n\n"
      << "                                       answered %        right %       latency                            "
         "lateness\n"
      << "timeout    network      by   requests  here simulated   here simulated  median      99 %    99.9 %    "
         "median      99 %\n";
  for (const load::Row& row : report.rows) {
    const load::Summary& s = row.summary;
    out << std::left << std::setw(11) << (row.timeout ? format_seconds(Seconds(*row.timeout).count()) : "none")
        << std::setw(13) << report.networks[row.network] << std::setw(5) << load::name(row.protocol) << std::right
        << std::setw(8) << s.requests;
    for (const auto& [here, simulated] : {std::pair(s.answered_share(), row.prediction ? row.prediction->answered : 0),
                                          std::pair(s.right_share(), row.prediction ? row.prediction->right : 0)}) {
      out << std::setw(7) << percent(here) << std::setw(9) << (row.prediction ? percent(simulated) : "-");
    }
    const int answers = s.latency.samples, cut_off = s.lateness.samples;
    for (const double each : {s.latency.p50, s.latency.p99, s.latency.p999})
      out << std::setw(10) << time(each, answers);
    for (const double each : {s.lateness.p50, s.lateness.p99}) out << std::setw(10) << time(each, cut_off);
    out << '\n';
  }
  return out.str();
}

}  // namespace einet::cli
