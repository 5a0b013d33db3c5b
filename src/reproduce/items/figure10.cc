// Figure 10: the accuracy expectation (Algorithm 1) against the accuracy measured in runs that are cut off, for plans
// that execute every s-th exit.
//
// The paper's network for this figure, msdnet40 on CIFAR-100, is shipped as profiles without weights: its runs are
// simulated with the recorded answers and block times, each sample cut off at one random moment. A second table has
// live runs of a bundle with weights, where its images are on this machine.

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "einet/distribution.h"
#include "einet/error.h"
#include "einet/planner.h"
#include "eval/held_out_images.h"
#include "plot/chart.h"
#include "reproduce/context.h"
#include "reproduce/cut_offs.h"
#include "reproduce/items.h"
#include "reproduce/live_runs.h"
#include "reproduce/words.h"

namespace einet::reproduce {
namespace {

constexpr int kRepetitions = 5;

std::vector<Column> columns() {
  return {{"every", "every s-th exit", Unit::kNumber},
          {"outputs", "outputs", Unit::kNumber},
          {"expectation_confidence", "expectation by confidences, %", Unit::kPercent},
          {"expectation", "expectation by accuracies, %", Unit::kPercent},
          {"measured", "measured, %", Unit::kPercent, true},
          {"difference", "measured − expectation by accuracies", Unit::kPoints}};
}

/// Every s-th exit counted from the last one.
plan::ExitPlan every(int exits, int s) {
  plan::ExitPlan plan(exits);
  for (int exit = exits - 1; exit >= 0; exit -= s) plan.insert(exit);
  return plan;
}

std::vector<int> skips(int exits) {
  std::vector<int> all;
  for (const int s : {1, 2, 3, 4, 5, 7, 10, 20}) {
    if (s < exits) all.push_back(s);
  }
  return all;
}

/// Mean confidence and accuracy of every exit over some samples.
struct Means {
  std::vector<double> confidence, accuracy;

  explicit Means(const profile::CsProfile& profile) : accuracy(profile.accuracies()) {
    confidence.assign(profile.exits, 0.0);
    for (int sample = 0; sample < profile.samples(); ++sample) {
      for (int exit = 0; exit < profile.exits; ++exit) confidence[exit] += profile.confidence_at(sample, exit);
    }
    for (double& sum : confidence) sum /= std::max(1, profile.samples());
  }
};

Row row(int s, const plan::ExitPlan& plan, const Means& means, const plan::BlockTimes& times,
        const plan::ExitTimeDistribution& distribution, const policy::Estimate& measured) {
  const double expectation = plan::expectation(times, distribution, means.accuracy, plan);
  return {{double(s), double(plan.count()), plan::expectation(times, distribution, means.confidence, plan), expectation,
           measured, measured.mean - expectation},
          {}};
}

Table simulated(const Context& context, const Subject& subject) {
  const profile::CsProfile& all = *subject.bundle.confidences;
  const Means means(all);
  plan::BlockTimes times = subject.times;
  times.planning.clear();
  const auto distribution = plan::parse_distribution(context.options().distribution, times.total());
  Table table{.caption = subject.name + ", simulated cut-offs", .columns = columns(), .rows = {}};
  for (const int s : skips(all.exits)) {
    const plan::ExitPlan plan = every(all.exits, s);
    const eval::Method method = fixed_method("every " + std::to_string(s), plan);
    std::vector<double> accuracies;
    for (int r = 0; r < kRepetitions; ++r) {
      const auto cuts = draw_cut_offs(all.samples(), *distribution, context.options().seed + r);
      accuracies.push_back(accuracy_when_cut(method, all, times, cuts));
    }
    table.rows.push_back(row(s, plan, means, times, *distribution, policy::estimate(accuracies)));
  }
  return table;
}

/// A table of live runs, and whether other processes disturbed too many of them.
struct Live {
  Table table;
  bool disturbed = false;
};

/// Live runs of the first bundle with weights whose images are here; the reason why there are none goes to `notes`.
std::optional<Live> live(Context& context, std::vector<std::string>& notes) {
  std::string reason = "no bundle with weights is here";
  for (const char* name : {"cifar100-msdnet21-small", "cifar10-msdnet21-small", "fashion-mnist-msdnet"}) {
    const Subject* subject = context.find(name);
    if (subject == nullptr) continue;
    try {
      subject->bundle.require_weights();
      const auto images =
          eval::held_out_images(subject->bundle, context.options().data_directory, [](const std::string&) {});
      std::vector<plan::ExitPlan> plans;
      const std::vector<int> steps = skips(subject->bundle.exits());
      for (const int s : steps) plans.push_back(every(subject->bundle.exits(), s));
      LiveRunOptions options;
      options.repetitions = kRepetitions;
      options.distribution = context.options().distribution;
      options.seed = context.options().seed;
      const LiveRuns runs = run_live(*subject, images, plans, options, context.progress());
      const Means means(*subject->bundle.confidences);
      const auto distribution = plan::parse_distribution(context.options().distribution, runs.times.total());
      Table table{.caption = subject->name + ", live runs that are cut off, " + std::to_string(runs.images) + " images",
                  .columns = columns(),
                  .rows = {}};
      for (std::size_t p = 0; p < plans.size(); ++p) {
        table.rows.push_back(row(steps[p], plans[p], means, runs.times, *distribution, runs.live[p]));
      }
      if (runs.unsettled > 0) {
        notes.push_back(std::to_string(runs.unsettled) +
                        " live runs were disturbed by other processes in every attempt; they count nevertheless.");
      }
      const int all = runs.images * static_cast<int>(plans.size());
      return Live{std::move(table), 20 * runs.unsettled > all};
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kNotFound) throw;
      reason = error.what();
    }
  }
  notes.push_back("No live runs: " + reason + ".");
  return std::nullopt;
}

Picture picture(const Table& table) {
  plot::Chart chart;
  chart.title = "Expectation and measured accuracy, " + table.caption;
  chart.x = {.title = "every s-th exit is executed", .from = 0.0};
  chart.y = {.title = "overall accuracy, %"};
  chart.series = {{"measured", {}, plot::Mark::kPoints},
                  {"expectation by accuracies", {}, plot::Mark::kDashed},
                  {"expectation by confidences", {}, plot::Mark::kDashed}};
  for (const Row& row : table.rows) {
    const double s = *row.cells[0].value;
    chart.series[0].points.push_back({s, 100.0 * *row.cells[4].value, 100.0 * row.cells[4].error.value_or(0.0)});
    chart.series[1].points.push_back({s, 100.0 * *row.cells[3].value});
    chart.series[2].points.push_back({s, 100.0 * *row.cells[2].value});
  }
  return {"Five repetitions; bars are standard errors", plot::chart_svg(chart)};
}

double largest_difference(const Table& table) {
  double largest = 0.0;
  for (const Row& row : table.rows) largest = std::max(largest, std::abs(*row.cells[5].value));
  return largest;
}

Result run(Context& context) {
  Result result;
  const std::string paper = "cifar100-msdnet40-small";
  std::string sentences;
  if (const Subject* subject = context.find(paper)) {
    result.tables.push_back(simulated(context, *subject));
    const double difference = largest_difference(result.tables.back());
    sentences = std::string(difference <= 0.005 ? "As in the paper, the" : "The") + " expectation is within " +
                tidy(100.0 * difference) + " points of the measured accuracy for every skipping (simulated cut-offs)";
  } else {
    result.notes.push_back(context.problem(paper));
  }
  if (auto runs = live(context, result.notes)) {
    const std::string difference = tidy(100.0 * largest_difference(runs->table));
    if (runs->disturbed) {
      sentences += (sentences.empty() ? "Live" : "; live") +
                   std::string(" runs are inconclusive, because other processes disturbed more than 5 % of them");
    } else {
      sentences += (sentences.empty() ? "In live runs the expectation is within " : "; in live runs within ") +
                   difference + " points, with the standard errors of few images";
    }
    result.tables.push_back(std::move(runs->table));
  }
  if (result.tables.empty()) throw Error(ErrorKind::kNotFound, "figure10", result.notes.front());
  for (const Table& table : result.tables) result.pictures.push_back(picture(table));
  result.agreement = sentences + ".";
  result.protocol =
      "every sample or image is cut off at one random moment, five repetitions. Simulated: recorded answers and this "
      "machine's block times; the expectation is of the same samples, as in the paper. Live: real runs that are "
      "interrupted, few images, so standard errors are large";
  result.data = "held-out samples; bundles as stated";
  return result;
}

}  // namespace

Item figure10() {
  return {"figure10",
          "Figure 10: accuracy expectation against measured accuracy",
          "For uniform skipping, msdnet40 on CIFAR-100, the expectation is within 0.5 % of the measured accuracy (five "
          "live runs).",
          run,
          {"cifar100-msdnet40-small", "cifar100-msdnet21-small"}};
}

}  // namespace einet::reproduce
