#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reproduce/table.h"

namespace einet::reproduce {

class Context;

/// A chart as a standalone SVG (plot/chart.h, plot/bars.h).
struct Picture {
  std::string caption;
  std::string svg;
};

/// What an item gives. Every part is shown; tables and pictures may not both be empty.
struct Result {
  std::vector<Table> tables;
  std::vector<Picture> pictures;
  std::string agreement;  ///< One sentence: how our values compare with the paper's.
  std::string protocol;   ///< How the values are obtained.
  std::string data;       ///< Data sets and bundles.
  std::string command;    ///< The command of `einet` that prints the same values, where there is one.
  std::vector<std::string> notes;
};

/// One table or figure of the paper, or one of ours.
struct Item {
  std::string name;   ///< "table2".
  std::string title;  ///< "Table II: overall accuracy under a uniform cut-off".
  std::string paper;  ///< What the paper reports, in one or two sentences.
  /// Throws einet::Error where nothing can be shown; a bundle that is missing or damaged is a row instead.
  Result (*run)(Context& context);
  /// Bundles of the paper's rows, without ".einet": `einet reproduce --train` makes those that have a recipe.
  std::vector<std::string> bundles = {};
};

/// The bundles of `items`, each once, in their order.
std::vector<std::string> bundles_of(const std::vector<Item>& items);

/// All items in the order of the page. To add one: a file in src/reproduce/items/ that defines `Item NAME()`, and its
/// line in items.cc.
const std::vector<Item>& items();

/// The named items in the order of the page; all without names. Throws kUsage, listing the known ones, for an unknown
/// name.
std::vector<Item> items(const std::vector<std::string>& names);

}  // namespace einet::reproduce
