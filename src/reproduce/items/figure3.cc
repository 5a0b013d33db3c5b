// Figure 3: the times of blocks over many inputs. The paper takes one number per block for all inputs because the
// distribution is narrow.

#include <algorithm>
#include <cstdio>
#include <memory>

#include "data/dataset.h"
#include "einet/error.h"
#include "eval/held_out_images.h"
#include "measure/timed_run.h"
#include "plot/chart.h"
#include "profile/statistics.h"
#include "reproduce/block_runs.h"
#include "reproduce/context.h"
#include "reproduce/items.h"
#include "reproduce/words.h"

namespace einet::reproduce {
namespace {

constexpr int kInputs = 10000;
constexpr Seconds kBudget{60.0};
constexpr int kBins = 60;

struct Inputs {
  std::function<void(int, std::span<float>)> write;
  std::string description;
};

/// The bundle's held-out images, normalised; noise where they are not on this machine.
Inputs inputs_of(const Context& context, const Subject& subject, std::size_t size) {
  try {
    const auto set = std::make_shared<const data::Dataset>(
        eval::held_out_set(subject.bundle, context.options().data_directory, [](const std::string&) {}));
    const Normalization normalization = subject.bundle.normalization;
    return {[set, normalization](int i, std::span<float> values) {
              data::normalize(set->image(i % set->size()), set->channels, normalization, values);
            },
            "test images of " + subject.bundle.dataset};
  } catch (const Error&) {
    const auto noise = std::make_shared<const std::vector<float>>(measure::noise(static_cast<std::int64_t>(size)));
    return {[noise](int, std::span<float> values) { std::ranges::copy(*noise, values.begin()); },
            "noise, because the images of " + subject.bundle.dataset + " are not on this machine"};
  }
}

/// Share of the values in each bin of [0.8, 1.4] times the median; values outside are in the bins at the ends.
plot::Series histogram(const std::string& name, const std::vector<double>& values, double median) {
  constexpr double kFrom = 0.8, kTo = 1.4;
  plot::Series series{name, {}, plot::Mark::kHistogram};
  std::vector<int> counts(kBins);
  for (const double value : values) {
    const double share = (value / median - kFrom) / (kTo - kFrom);
    ++counts[std::clamp(static_cast<int>(share * kBins), 0, kBins - 1)];
  }
  for (int bin = 0; bin <= kBins; ++bin) {
    const double count = bin < kBins ? counts[bin] : 0.0;
    series.points.push_back({kFrom + (kTo - kFrom) * bin / kBins, 100.0 * count / static_cast<double>(values.size())});
  }
  return series;
}

const Subject& subject_of(Context& context) {
  for (const char* name : {"cifar10-msdnet21-small", "cifar100-msdnet21-small", "fashion-mnist-msdnet"}) {
    if (const Subject* subject = context.find(name)) return *subject;
  }
  for (const std::string& name : context.names()) {
    if (const Subject* subject = context.find(name)) return *subject;
  }
  throw Error(ErrorKind::kNotFound, "figure3", "needs a bundle; " + context.problem("cifar10-msdnet21-small"));
}

Result run(Context& context) {
  const Subject& subject = subject_of(context);
  const auto program = subject.program ? subject.program : exec::compile(subject.bundle.graph);
  const Inputs inputs = inputs_of(context, subject, static_cast<std::size_t>(program->input_size()));
  const BlockRuns runs = time_blocks(*program, inputs.write, kInputs, kBudget, context.progress());

  Result result;
  Table table{.caption = "Time of each block over " + std::to_string(runs.runs()) + " inputs",
              .columns = {{"block", "block"},
                          {"median", "median", Unit::kSeconds},
                          {"mean", "mean", Unit::kSeconds},
                          {"p10", "10 %", Unit::kSeconds},
                          {"p90", "90 %", Unit::kSeconds},
                          {"p99", "99 %", Unit::kSeconds},
                          {"spread", "p90 / p10", Unit::kNumber}},
              .rows = {}};
  std::vector<double> spreads;
  for (int part = 0; part < runs.parts; ++part) {
    const std::vector<double> values = runs.of(part);
    const profile::TimeStat stat = profile::summarize_runs(values);
    table.rows.push_back({{(part % 2 == 0 ? "conv part " : "branch ") + std::to_string(part / 2 + 1), stat.p50,
                           stat.mean, stat.p10, stat.p90, stat.p99, stat.spread()},
                          {}});
    spreads.push_back(stat.spread());
  }
  plot::Chart chart;
  chart.title = "Times of three conv parts, relative to their medians";
  chart.x = {.title = "time / median", .from = 0.8, .to = 1.4};
  chart.y = {.title = "share of the inputs, %", .from = 0.0};
  std::vector<int> filled;  // Conv parts that are not empty.
  for (int exit = 0; exit < runs.parts / 2; ++exit) {
    if (profile::median(runs.of(2 * exit)) > 1e-6) filled.push_back(exit);
  }
  std::vector<int> three;
  if (!filled.empty()) three = {filled.front(), filled[filled.size() / 2], filled.back()};
  three.erase(std::unique(three.begin(), three.end()), three.end());
  for (const int exit : three) {
    const std::vector<double> values = runs.of(2 * exit);
    chart.series.push_back(histogram("conv part " + std::to_string(exit + 1), values, profile::median(values)));
  }
  result.pictures = {{"Times beyond the axis are in its last bin", plot::chart_svg(chart)}};
  const double spread = profile::median(spreads);
  char text[200];
  std::snprintf(
      text, sizeof text,
      "Block times hardly depend on the input: the 90th percentile of a block's time is %.2f times its 10th (median "
      "over %d blocks), which supports one number per block as in the paper.",
      spread, runs.parts);
  result.agreement = spread < 1.5 ? text
                                  : "The machine was too busy: p90 / p10 of a block's time is " + tidy(spread) +
                                        " (median over blocks), so nothing can be concluded.";
  result.tables.push_back(std::move(table));
  result.protocol =
      "the whole network is executed once per input on one thread, live; every block is timed. Stops after " +
      tidy(kBudget.count()) + " s";
  result.data = inputs.description + "; bundle " + subject.name;
  return result;
}

}  // namespace

Item figure3() {
  return {"figure3",
          "Figure 3: distribution of block times over 10,000 inputs",
          "The time of a block is concentrated around one value, whatever the input.",
          run,
          {"cifar10-msdnet21-small"}};
}

}  // namespace einet::reproduce
