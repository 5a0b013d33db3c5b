#include "train/curves.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "einet/error.h"
#include "io/file.h"
#include "train/checkpoint.h"

namespace einet::train {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kSteps = "steps.csv";
constexpr const char* kEpochs = "log.csv";
constexpr const char* kJson = "log.jsonl";

std::string text(double value, int digits) {
  if (!std::isfinite(value)) return "";
  std::ostringstream out;
  out.precision(digits);
  out << value;
  return out.str();
}

std::string columns(const char* name, std::size_t exits) {
  std::string header;
  for (std::size_t exit = 1; exit <= exits; ++exit) header += std::string(",") + name + "_" + std::to_string(exit);
  return header;
}

std::string values(const std::vector<double>& numbers, int digits) {
  std::string line;
  for (const double number : numbers) (line += ',') += text(number, digits);
  return line;
}

std::string csv_line(const EpochReport& report) {
  return std::to_string(report.epoch) + "," + text(report.loss, 6) + "," + text(report.seconds, 6) + "," +
         text(report.waiting_seconds / std::max(report.seconds, 1e-9), 4) + "," + text(report.expectation, 6) + "," +
         text(report.elasticity, 6) + "," + text(report.learning_rate, 6) + "," + text(report.seconds_left, 6) +
         values(report.accuracy, 6) + values(report.exit_losses, 6) + "\n";
}

/// The lines of a file for which keep(line) is true; empty if there is no file. A line without an end was not written
/// completely.
template <class Keep>
std::string kept_lines(const fs::path& file, Keep keep) {
  if (!fs::exists(file)) return "";
  const std::string all = io::read_file(file);
  std::string kept;
  for (std::size_t from = 0, end; (end = all.find('\n', from)) != std::string::npos; from = end + 1) {
    const std::string line = all.substr(from, end - from);
    if (keep(line)) kept += line + "\n";
  }
  return kept;
}

/// The number at the start of a line of steps.csv; 0 for its header.
std::int64_t step_of_csv(const std::string& line) { return std::strtoll(line.c_str(), nullptr, 10); }

/// A damaged line counts as later than all steps.
std::int64_t step_of_json(const std::string& line) {
  const json object = json::parse(line, nullptr, false);
  const bool has_step = object.is_object() && object.contains("step") && object["step"].is_number_integer();
  return has_step ? object["step"].get<std::int64_t>() : std::numeric_limits<std::int64_t>::max();
}

}  // namespace

void Curves::resume(std::int64_t steps) {
  io::create_folders(directory_);
  const std::string csv =
      kept_lines(directory_ / kSteps, [&](const std::string& line) { return step_of_csv(line) <= steps; });
  has_header_ = !csv.empty();  // Earlier versions of EINet did not write this file.
  io::write_file(directory_ / kSteps, csv);
  io::write_file(directory_ / kJson,
                 kept_lines(directory_ / kJson, [&](const std::string& line) { return step_of_json(line) <= steps; }));
  continues_ = true;
}

void Curves::add(const StepReport& report) {
  if (!has_header_) {
    csv_ = "step,epoch,loss,learning_rate,seconds_left" + columns("loss", report.exit_losses.size()) + "\n";
    has_header_ = true;
  }
  csv_ += std::to_string(report.step) + "," + std::to_string(report.epoch) + "," + text(report.loss, 9) + "," +
          text(report.learning_rate, 6) + "," + text(report.seconds_left, 6) + values(report.exit_losses, 9) + "\n";
  json_ += json{{"kind", "step"},
                {"step", report.step},
                {"epoch", report.epoch},
                {"loss", report.loss},
                {"exit_losses", report.exit_losses},
                {"learning_rate", report.learning_rate},
                {"seconds_left", report.seconds_left}}
               .dump() +
           "\n";
}

void Curves::add(const std::vector<EpochReport>& epochs, std::int64_t step) {
  json line = to_json(epochs.back());
  line.update({{"kind", "epoch"}, {"step", step}});
  json_ += line.dump() + "\n";
  const std::size_t exits = epochs.back().accuracy.size();
  std::string csv = "epoch,loss,seconds,waiting,expectation,elasticity,learning_rate,seconds_left" +
                    columns("accuracy", exits) + columns("loss", exits) + "\n";
  for (const EpochReport& report : epochs) csv += csv_line(report);
  io::create_folders(directory_);
  io::write_file(directory_ / kEpochs, csv);
  flush();
}

void Curves::append(const char* file, std::string& lines) const {
  std::ofstream out(directory_ / file, std::ios::binary | (continues_ ? std::ios::app : std::ios::trunc));
  if (!(out << lines << std::flush)) {
    throw Error(ErrorKind::kIo, (directory_ / file).string(), "cannot be written");
  }
  lines.clear();
}

void Curves::flush() {
  if (csv_.empty() && json_.empty()) return;
  io::create_folders(directory_);
  append(kSteps, csv_);
  append(kJson, json_);
  continues_ = true;
}

}  // namespace einet::train
