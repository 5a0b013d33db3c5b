#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "reproduce/context.h"
#include "reproduce/item.h"

namespace einet::reproduce {

/// An item that was run.
struct Outcome {
  Item item;
  Result result;
  std::string error;  ///< Why there is no result; "" where there is one.
};

/// Facts that hold for all values of a report.
struct About {
  std::string command;  ///< As typed.
  std::string date, version;
  std::string machine;  ///< Processor, platform.
  std::string bundles;  ///< The folder.
  std::string distribution;
  std::uint64_t seed = 1;
  std::vector<std::string> busy = {};  ///< Context::busy().
};

/// Those of a report of `context`, made now on this machine.
About about(const Context& context, const std::string& command, const std::string& version);

/// Runs the items one after the other, with progress. An item that throws einet::Error becomes an outcome with that
/// error.
std::vector<Outcome> run_items(const std::vector<Item>& items, Context& context);

/// Names of the files of an item: "table2-1.csv", …; "table2.csv" where there is only one.
std::vector<std::string> csv_names(const Outcome& outcome);
std::vector<std::string> svg_names(const Outcome& outcome);

/// The files of each item, then index.html: each file is replaced atomically, and the page, which comes last, refers to
/// files that exist. Other files of the folder stay. Throws kIo.
void write_report(const std::vector<Outcome>& outcomes, const About& about, const std::filesystem::path& folder);

/// The page: XHTML without references to other hosts, with all tables and pictures.
std::string page(const std::vector<Outcome>& outcomes, const About& about);

nlohmann::json to_json(const std::vector<Outcome>& outcomes, const About& about);
/// All tables for a terminal.
std::string to_text(const Outcome& outcome);

}  // namespace einet::reproduce
