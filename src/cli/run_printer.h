#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "bundle/bundle.h"
#include "cli/runner.h"

namespace einet::cli {

/// Prints the answers of runs, as text or as JSON (docs/formats.md, "Answers as lines of JSON").
class RunPrinter {
 public:
  /// `bundle` must outlive the printer.
  RunPrinter(const bundle::Bundle& bundle, bool json) : bundle_(bundle), json_(json) {}

  /// One line of text. `failure` is Session::failure().
  void print(const std::string& input, const Answer& answer, std::string_view failure = {}) const;
  /// Prints the answers of the current run as they are published, one per line.
  void stream(const std::string& input, Runner& runner) const;
  /// Waits for the end of the run and returns its result.
  nlohmann::json result(const std::string& input, Runner& runner) const;

 private:
  std::string name(int label) const;
  nlohmann::json to_json(const Answer& answer) const;
  nlohmann::json end_of_run(const std::string& input, const Runner& runner, const Answer& last) const;

  const bundle::Bundle& bundle_;
  const bool json_;
};

}  // namespace einet::cli
