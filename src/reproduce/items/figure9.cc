// Figure 9: EINet against single-exit networks and against the multi-exit network without a plan, all for the same
// total time T, that of the multi-exit network with all branches.
//
// Classic: one exit at the end of the same trunk. It answers when the trunk is done, and its classifier is taken to
// cost nothing. Where a network was trained with this one exit only (NETWORK-classic), it is shown too; so is one with
// half the channels (NETWORK-compressed).

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "einet/distribution.h"
#include "plot/bars.h"
#include "reproduce/context.h"
#include "reproduce/cut_offs.h"
#include "reproduce/items.h"
#include "reproduce/words.h"

namespace einet::reproduce {
namespace {

constexpr int kRepetitions = 10;

/// Accuracies of the repetitions, which have the same cut-offs for every variation of a network.
policy::Estimate repeated(const Context& context, const eval::Method& method, const profile::CsProfile& profile,
                          const plan::BlockTimes& times, double horizon) {
  const auto distribution = plan::parse_distribution(context.options().distribution, horizon);
  std::vector<double> accuracies;
  for (int r = 0; r < kRepetitions; ++r) {
    const auto cuts = draw_cut_offs(profile.samples(), *distribution, context.options().seed + r);
    accuracies.push_back(accuracy_when_cut(method, profile, times, cuts));
  }
  return policy::estimate(accuracies);
}

plan::ExitPlan last_only(int exits) {
  plan::ExitPlan plan(exits);
  plan.insert(exits - 1);
  return plan;
}

struct Network {
  std::string title, name;
};

std::vector<Network> compared_networks() {
  return {{"VGG-16, CIFAR-10", "cifar10-vgg16-small"},
          {"VGG-16, CIFAR-100", "cifar100-vgg16-small"},
          {"MSDNet21, CIFAR-10", "cifar10-msdnet21-small"},
          {"MSDNet21, CIFAR-100", "cifar100-msdnet21-small"}};
}

std::vector<std::string> with_baselines() {
  std::vector<std::string> names;
  for (const Network& network : compared_networks()) {
    for (const char* variation : {"", "-classic", "-compressed"}) names.push_back(network.name + variation);
  }
  return names;
}

class Comparison {
 public:
  Comparison(Context& context, Table& table, Network network)
      : context_(context), table_(table), network_(std::move(network)), subject_(context.find(network_.name)) {}

  void run() {
    if (subject_ == nullptr) {
      table_.rows.push_back({{network_.title, "", network_.name}, context_.problem(network_.name)});
      return;
    }
    const int exits = subject_->bundle.exits();
    plan::BlockTimes trunk = subject_->times;
    trunk.branch.back() = 0.0;
    add("classic", fixed_method("classic", last_only(exits)), *subject_, trunk);
    baseline("classic, trained alone", network_.name + "-classic");
    baseline("compressed", network_.name + "-compressed");
    method("multi-exit", "static-100");
    method("EINet as published", "paper");
    method("einet", "einet");
  }

 private:
  void add(const std::string& variation, const eval::Method& method, const Subject& subject,
           const plan::BlockTimes& times) {
    context_.progress().update("simulating", 0, 1, network_.name + " " + variation);
    table_.rows.push_back({{network_.title, variation, subject.name,
                            repeated(context_, method, *subject.bundle.confidences, times, subject_->horizon())},
                           {}});
  }

  void baseline(const std::string& variation, const std::string& bundle) {
    const Subject* subject = context_.find(bundle);
    if (subject == nullptr) {
      table_.rows.push_back({{network_.title, variation, bundle}, context_.problem(bundle)});
      return;
    }
    add(variation, fixed_method(variation, last_only(subject->bundle.exits())), *subject, subject->times);
  }

  void method(const std::string& variation, const std::string& name) {
    const eval::Method* method = context_.method(*subject_, eval::Protocol::kHeldOut, name);
    if (method == nullptr) {
      table_.rows.push_back({{network_.title, variation, network_.name}, without_predictor(*subject_)});
      return;
    }
    add(variation, *method, *subject_, subject_->times);
  }

  Context& context_;
  Table& table_;
  Network network_;
  const Subject* subject_;
};

/// The accuracy of one variation of a network; NaN where it is missing.
double accuracy(const Table& table, const std::string& network, const std::string& variation) {
  for (const Row& row : table.rows) {
    if (row.cells[0].text == network && row.cells[1].text == variation && row.cells.size() > 3)
      return *row.cells[3].value;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

/// Least and largest gain of EINet as published over `variation`; "nothing to compare" without one.
std::string gain_over(const Table& table, const std::vector<Network>& networks, const std::string& variation) {
  double least = std::numeric_limits<double>::infinity(), most = -least;
  for (const Network& network : networks) {
    const double gain =
        accuracy(table, network.title, "EINet as published") - accuracy(table, network.title, variation);
    if (std::isnan(gain)) continue;
    least = std::min(least, gain);
    most = std::max(most, gain);
  }
  return least > most ? "nothing to compare" : points(least) + " to " + points(most) + " points";
}

Picture picture(const Table& table, const std::vector<Network>& networks) {
  plot::BarChart chart;
  chart.title = "Overall accuracy for the same total time";
  chart.value = {.title = "overall accuracy, %", .from = 0.0, .to = 100.0};
  for (const std::string variation :
       {"classic", "classic, trained alone", "compressed", "multi-exit", "EINet as published", "einet"}) {
    plot::BarSeries series{variation, {}};
    bool any = false;
    for (const Network& network : networks) {
      const double value = accuracy(table, network.title, variation);
      any = any || !std::isnan(value);
      series.bars.push_back({.value = 100.0 * value});
    }
    if (any) chart.series.push_back(std::move(series));
  }
  for (const Network& network : networks) chart.categories.push_back(network.title);
  return {"Ten repetitions with new cut-offs; standard errors are below what can be drawn", plot::bars_svg(chart)};
}

Result run(Context& context) {
  const std::vector<Network> networks = compared_networks();
  Result result;
  Table table{.caption = "Overall accuracy over ten repetitions, %",
              .columns = {{"network", "network"},
                          {"variation", "variation"},
                          {"bundle", "bundle"},
                          {"accuracy", "overall accuracy", Unit::kPercent, true}},
              .rows = {}};
  for (const Network& network : networks) Comparison(context, table, network).run();
  result.pictures.push_back(picture(table, networks));
  result.agreement = "EINet as published gains " + gain_over(table, networks, "classic") +
                     " over the classic network (the paper: +38.5 to +61.5 over single-exit networks) and " +
                     gain_over(table, networks, "multi-exit") +
                     " over the multi-exit network without a plan (+0.8 to +1.5).";
  result.tables.push_back(std::move(table));
  result.protocol =
      "every sample is cut off at a moment drawn from the distribution on [0, T], T = the multi-exit network's time "
      "for "
      "everything; ten repetitions with seeds from the seed on, the same cut-offs for every variation; standard errors "
      "over "
      "repetitions. `classic` has the trunk and the last exit of the multi-exit network, with a classifier that costs "
      "no time. Held-out protocol.";
  result.data = "the held-out samples of each bundle (10,000 test images)";
  return result;
}

}  // namespace

Item figure9() {
  return {"figure9", "Figure 9: EINet against single-exit networks",
          "EINet gains 38.5 to 61.5 points over single-exit networks of the same total time, and 0.8 to 1.5 over the "
          "multi-exit network without a plan.",
          run, with_baselines()};
}

}  // namespace einet::reproduce
