// Figure 13: which structure of an MSDNet suits elastic inference.
//
// (a) one property of the network at a time, (b) convolutions and fully connected layers of the branches. The paper
// trains MSDNets of full size on CIFAR; ours are small, and trained for a few epochs on Fashion-MNIST
// (figure13_recipes()), so that only the order can be compared. Overall accuracies are given twice: on each
// network's own horizon, as in the paper, where a slower network also has more time; and on the horizon of the slowest
// network, where all have the same time.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>

#include "eval/compare.h"
#include "plot/bars.h"
#include "plot/heat_map.h"
#include "reproduce/context.h"
#include "reproduce/items.h"
#include "reproduce/recipes.h"
#include "reproduce/words.h"

namespace einet::reproduce {
namespace {

struct Variant {
  std::string property, value, bundle;
};

std::vector<Variant> structures() {
  return {{"blocks", "3", "blocks-3"},     {"blocks", "5", "middle"},   {"blocks", "9", "blocks-9"},
          {"step", "1", "middle"},         {"step", "2", "step-2"},     {"step", "3", "step-3"},
          {"base", "1", "base-1"},         {"base", "2", "middle"},     {"base", "4", "base-4"},
          {"channels", "2", "channels-2"}, {"channels", "4", "middle"}, {"channels", "8", "channels-8"}};
}

std::vector<std::string> names_of(const std::vector<Recipe>& recipes) {
  std::vector<std::string> names;
  for (const Recipe& recipe : recipes) names.push_back(recipe.name());
  return names;
}

std::vector<Variant> branches() {
  std::vector<Variant> all;
  for (const std::string convolutions : {"1", "2", "3"}) {
    for (const std::string layers : {"1", "2", "3"}) {
      const std::string bundle = "branch-" + convolutions + "-" + layers;
      all.push_back({convolutions, layers, bundle == "branch-1-2" ? "middle" : bundle});
    }
  }
  return all;
}

/// The bundles of the grid with their values on the common horizon.
class Grid {
 public:
  explicit Grid(const Context& outer) : outer_(outer) {
    ContextOptions options = outer.options();
    options.bundles /= "figure13";
    std::error_code error;
    if (!std::filesystem::is_directory(options.bundles, error)) return;
    context_.emplace(std::move(options), outer.progress());
    compare();
  }

  Row row(const Variant& variant) {
    Row row{.cells = {variant.property, variant.value}, .note = {}};
    const Subject* subject = context_ ? context_->find(variant.bundle) : nullptr;
    if (subject == nullptr) {
      const bool present = context_ && std::ranges::binary_search(context_->names(), variant.bundle);
      row.note = present ? context_->problem(variant.bundle) : outer_.problem("figure13/" + variant.bundle);
      return row;
    }
    row.cells.emplace_back(variant.bundle);
    row.cells.emplace_back(static_cast<double>(subject->bundle.exits()));
    row.cells.emplace_back(subject->horizon());
    row.cells.emplace_back(subject->bundle.confidences->accuracy(subject->bundle.exits() - 1));
    for (const char* method : {"static-optimal", "einet"}) {
      row.cells.emplace_back(context_->score(*subject, eval::Protocol::kHeldOut, method)->accuracy);
    }
    row.cells.emplace_back(common_.at(variant.bundle));
    return row;
  }

  double horizon() const { return horizon_; }
  bool any() const { return !common_.empty(); }

 private:
  /// `einet` of all bundles on the longest horizon.
  void compare() {
    std::vector<eval::Candidate> candidates;
    std::vector<std::string> names;
    for (const std::string& name : context_->names()) {
      const Subject* subject = context_->find(name);
      if (subject == nullptr) continue;
      candidates.push_back(subject->candidate());
      names.push_back(name);
      horizon_ = std::max(horizon_, subject->horizon());
    }
    if (candidates.empty()) return;
    const eval::Comparison found =
        eval::compare(candidates, {.distribution = context_->options().distribution, .horizon = horizon_});
    for (std::size_t b = 0; b < names.size(); ++b) {
      for (const eval::ComparedMethod& method : found.bundles[b].methods) {
        if (method.name == "einet") common_[names[b]] = method.accuracy;
      }
    }
  }

  const Context& outer_;
  std::optional<Context> context_;
  double horizon_ = 0.0;
  std::map<std::string, policy::Estimate> common_;
};

constexpr std::size_t kEinet = 7, kCommon = 8;

Table table_of(std::string caption, std::string property, std::string value, const std::vector<Variant>& variants,
               Grid& grid) {
  Table table{std::move(caption),
              {{"property", std::move(property)},
               {"value", std::move(value)},
               {"bundle", "bundle"},
               {"exits", "exits", Unit::kNumber},
               {"horizon", "time of everything", Unit::kSeconds},
               {"last_exit", "accuracy of the last exit", Unit::kPercent},
               {"static_optimal", "static-optimal", Unit::kPercent, true},
               {"einet", "einet", Unit::kPercent, true},
               {"einet_common", "einet, common horizon", Unit::kPercent, true}},
              {}};
  for (const Variant& variant : variants) table.rows.push_back(grid.row(variant));
  return table;
}

Picture bars_of(const Table& table) {
  plot::BarChart chart;
  chart.title = "Overall accuracy by structure";
  chart.value.title = "per cent";
  chart.series = {{"own horizon", {}}, {"common horizon", {}}};
  for (const Row& row : table.rows) {
    chart.categories.push_back(row.cells[0].text + " " + row.cells[1].text);
    chart.series[0].bars.push_back(row.cells.size() > kEinet ? bar_of(row.cells[kEinet], 100.0) : plot::Bar{});
    chart.series[1].bars.push_back(row.cells.size() > kCommon ? bar_of(row.cells[kCommon], 100.0) : plot::Bar{});
  }
  return {"(a) blocks, step, base, channels", plot::bars_svg(chart)};
}

/// Difference to one convolution and two fully connected layers, own horizon: it does not depend on the speed of the
/// machine at the moment of each measurement.
Picture branch_map(const Table& table) {
  plot::HeatMap map;
  map.title = "Branches: overall accuracy less that of 1 convolution, 2 linear layers (points)";
  map.x_title = "fully connected layers";
  map.y_title = "convolutions";
  map.columns = map.rows = {"1", "2", "3"};
  const auto value = [&](std::size_t row) {
    const Row& found = table.rows[row];
    return found.cells.size() > kEinet ? 100.0 * *found.cells[kEinet].value : std::nan("");
  };
  for (std::size_t c = 0; c < 3; ++c) {
    map.values.emplace_back();
    for (std::size_t l = 0; l < 3; ++l) map.values.back().push_back(value(3 * c + l) - value(1));
  }
  return {"(b) branches", plot::heat_map_svg(map)};
}

std::string counted(const std::string& number, const std::string& what) {
  return number + " " + what + (number == "1" ? "" : "s");
}

std::string agreement(const Table& table) {
  const Row* best = nullptr;
  for (const Row& row : table.rows) {
    if (row.cells.size() <= kEinet) continue;
    if (best == nullptr || *row.cells[kEinet].value > *best->cells[kEinet].value) best = &row;
  }
  if (best == nullptr) return "Nothing can be compared: the bundles are not here.";
  const Row& paper = table.rows[1];
  if (best == &paper) return "As in the paper, one convolution and two linear layers are best.";
  const std::string found = "On each network's own horizon the best branch here has " +
                            counted(best->cells[0].text, "convolution") + " and " +
                            counted(best->cells[1].text, "linear layer");
  if (paper.cells.size() <= kEinet) return found + "; the paper's choice is not here.";
  return found + ", " + points(*best->cells[kEinet].value - *paper.cells[kEinet].value) +
         " points over the paper's choice of one convolution and two linear layers; differences below 1 point may be "
         "chance of the training.";
}

Result run(Context& context) {
  Grid grid(context);
  Result result;
  result.tables = {table_of("structure", "property", "value", structures(), grid),
                   table_of("branches", "convolutions", "linear layers", branches(), grid)};
  if (grid.any()) result.pictures = {bars_of(result.tables[0]), branch_map(result.tables[1])};
  result.agreement = agreement(result.tables[1]);
  result.protocol =
      "held-out protocol, uniform cut-off over each network's own time of everything, and over that of the slowest "
      "network. Small networks of 3 epochs on 10,000 images: differences below 1 point may be chance of the training.";
  result.data = "Fashion-MNIST, one network per value trained with seed 1";
  result.command = "einet compare bundles/figure13/*.einet";
  return result;
}

}  // namespace

Item figure13() {
  return {
      "figure13", "Figure 13: structure of the network and of its branches",
      "Overall accuracy by number of blocks, step, base and channels of MSDNet, and by convolutions and linear layers "
      "of the branches; one convolution and two linear layers are best.",
      run, names_of(figure13_recipes())};
}

}  // namespace einet::reproduce
