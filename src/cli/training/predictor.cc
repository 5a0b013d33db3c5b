#include <cmath>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "bundle/bundle.h"
#include "bundle/update.h"
#include "cli/bundle_output.h"
#include "cli/combination_report.h"
#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/planning_options.h"
#include "cli/progress_line.h"
#include "cli/timing_options.h"
#include "einet/error.h"
#include "fit/combined_answers.h"
#include "fit/shrinkage.h"
#include "train/predictor_trainer.h"

namespace einet::cli {
namespace {

struct PredictorArguments {
  std::string bundle;
  BundleOutput output;
  train::PredictorOptions predictor;
  fit::FitOptions fit;
  bundle::TimingOptions timing;
  std::string checkpoint;
  bool paper = false;
  bool json = false;
};

/// Progress of all trainings of a fit together, so that the time left is that of the whole fit. A fit trains seven
/// predictors (fit::fit_bundle()): on all samples, on their halves and on their quarters, 3 passes over all samples per
/// epoch.
class FitProgress final : public Progress {
 public:
  FitProgress(Progress& shown, int samples) : shown_(shown), samples_(samples) {}

  void begin(int samples) {
    finished_ += current_;
    current_ = samples;
  }
  void update(std::string_view stage, std::int64_t done, std::int64_t total, std::string_view note) override {
    shown_.update(stage, (finished_ * total + current_ * done) / samples_, 3 * total, note);
  }

 private:
  Progress& shown_;
  std::int64_t samples_;
  std::int64_t finished_ = 0, current_ = 0;  ///< Samples of the trainings before this one, and of this one.
};

nlohmann::json to_json(const fit::FitReport& report) {
  nlohmann::json trials = nlohmann::json::array();
  for (const auto& trial : report.trials) {
    trials.push_back({{"shrinkage", trial.shrinkage},
                      {"overall_accuracy", trial.accuracy.mean},
                      {"gain", trial.gain.mean},
                      {"gain_stderr", trial.gain.standard_error}});
  }
  return {{"fit", report.name},
          {"samples", report.samples},
          {"shrinkage", report.shrinkage},
          {"predictor_error", report.predictor_error},
          {"mean_error", report.mean_error},
          {"trials", trials}};
}

void print(const fit::FitReport& report) {
  std::cout << report.name << ": " << report.samples << " samples; error of the predicted score " << std::fixed
            << std::setprecision(4) << report.predictor_error << ", of the mean " << report.mean_error << "; shrinkage "
            << std::setprecision(2) << report.shrinkage << '\n';
  for (const auto& trial : report.trials) {
    std::cout << "  shrinkage " << std::setprecision(2) << trial.shrinkage << "  gain over static-optimal "
              << std::showpos << std::setprecision(3) << 100 * trial.gain.mean << std::noshowpos << " +- ";
    if (std::isnan(trial.gain.standard_error)) {
      std::cout << "- points\n";
    } else {
      std::cout << 100 * trial.gain.standard_error << " points\n";
    }
  }
}

bool same(const profile::CsProfile& a, const profile::CsProfile& b) {
  return a.labels == b.labels && a.predicted == b.predicted && a.confidence == b.confidence;
}

/// Copies the fit of `fitted`, and the confidences that it was made from, to `bundle`.
void add_fit(bundle::Bundle& bundle, const bundle::Bundle& fitted, const bundle::Destination& destination) {
  if (bundle.confidences && !same(*bundle.confidences, *fitted.confidences) && !destination.force) {
    throw Error(ErrorKind::kUsage, destination.path.string(),
                "contains other confidences than those the predictor was fitted on; --force replaces them");
  }
  bundle.confidences = fitted.confidences;
  bundle.dataset = fitted.dataset;
  bundle.labels = fitted.labels;
  bundle.hold_out = fitted.hold_out;
  bundle.normalization = fitted.normalization;
  bundle.preprocessing = fitted.preprocessing;
  bundle.fit = fitted.fit;
  bundle.folds = fitted.folds;
  bundle.combination = fitted.combination;
  bundle.fold_combinations = fitted.fold_combinations;
  for (const auto& [platform, timing] : fitted.timing) {
    profile::EtProfile& kept = bundle.timing.try_emplace(platform, timing).first->second;
    kept.planning = timing.planning;  // Measured with this predictor.
    if (kept.lanes) kept.lanes->planning.clear();
  }
}

void fit(const PredictorArguments& o) {
  bundle::Bundle bundle = bundle::load_bundle(o.bundle);
  const bundle::Destination destination = cli::destination(o.output, o.bundle);
  bundle.measured_confidences();
  bundle::check_update(destination, bundle, [&](bundle::Bundle& b) { add_fit(b, bundle, destination); });
  bundle.fit.reset();  // All profiles of the bundle have the planning costs of the predictor that is being replaced.
  for (auto& [platform, profile] : bundle.timing) {
    profile.planning.clear();
    if (profile.lanes) profile.lanes->planning.clear();
  }
  const bundle::Timing timing = timing_for(bundle, o.timing);
  const plan::BlockTimes times = timing.profile.times();
  fit::FitOptions options = o.fit;
  options.program = timing.program;
  std::vector<fit::FitReport> reports;
  {
    ProgressLine progress;
    FitProgress trainings(progress, bundle.confidences->samples());
    const auto trainer = [&](const profile::CsProfile& samples) {
      trainings.begin(samples.samples());
      return train::train_predictor(samples, o.predictor, trainings);
    };
    reports = fit::fit_bundle(bundle, trainer, times, options);
    if (bundle.confidences->has_log_probabilities()) fit::fit_combined_answers(bundle, times, {}, progress);
  }
  if (timing.source == bundle::TimingSource::kBundle) {
    bundle.timing.at(timing.profile.platform.name).planning = bundle::measure_planning(bundle, *timing.program, times);
  }
  save_result(destination, bundle, [&](bundle::Bundle& b) { add_fit(b, bundle, destination); });
  nlohmann::json fits = nlohmann::json::array();
  for (const auto& report : reports) fits.push_back(to_json(report));
  if (o.json) {
    nlohmann::json json = {
        {"target", o.predictor.target}, {"shrinkage", bundle.fit->beliefs.shrinkage}, {"fits", fits}};
    if (bundle.combination) json["combined_answers"] = fit::combination_summary(*bundle.combination);
    print_json(json);
  } else {
    for (const auto& report : reports) print(report);
    if (bundle.combination) print_combination(*bundle.combination);
  }
}

void use_paper_training(PredictorArguments& o) {
  train::PredictorOptions paper = train::paper_predictor();
  paper.seed = o.predictor.seed;
  o.predictor = paper;
  if (!o.checkpoint.empty()) return;
  const std::filesystem::path bundle = std::filesystem::path(o.bundle) / "";  // NAME and NAME/ alike
  o.checkpoint = "checkpoints/" + bundle.parent_path().stem().string() + "-predictor";
}

}  // namespace

void add_predictor(CLI::App& app) {
  CLI::App* predictor = app.add_subcommand("predictor", "Commands for the CS-Predictor of a bundle");
  predictor->require_subcommand(1);
  CLI::App* sub = predictor->add_subcommand("fit", "Fit predictor, calibration and shrinkage, and report errors");
  auto o = std::make_shared<PredictorArguments>();
  sub->add_option("bundle", o->bundle, "Bundle with confidences")->required();
  add_bundle_output(*sub, o->output, "Bundle to write (name.einet); default: the given one");
  sub->add_option("--target", o->predictor.target, "What to predict: confidence (as in the paper) or correctness")
      ->check(CLI::IsMember({"confidence", "correctness"}));
  sub->add_option("--epochs", o->predictor.epochs, "Passes over the samples")->check(CLI::Range(1, 100000));
  sub->add_option("--lr", o->predictor.learning_rate, "Learning rate of Adam");
  sub->add_flag(
         "--paper", o->paper,
         "The paper's training: confidence, 3,000 epochs, constant learning rate 0.001; takes 50 times as long as "
         "the default")
      ->excludes("--target", "--epochs", "--lr");
  sub->add_option("--checkpoint", o->checkpoint,
                  "Directory for unfinished trainings, which continue from there; default with --paper: "
                  "checkpoints/<name>-predictor, else none");
  sub->add_option("--seed", o->predictor.seed, "Seed of the weights and skip patterns");
  add_distribution_option(*sub, o->fit.distribution, "Distribution of the cut-off that the shrinkage is chosen for");
  add_timing_options(*sub, o->timing);
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] {
    if (o->paper) use_paper_training(*o);
    o->predictor.checkpoint = o->checkpoint;
    o->fit.target = o->predictor.target;
    fit(*o);
  });
}

}  // namespace einet::cli
