#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "bundle/bundle.h"
#include "bundle/timing.h"
#include "core/progress.h"
#include "eval/method.h"
#include "eval/subject.h"
#include "policy/estimate.h"

namespace einet::reproduce {

struct ContextOptions {
  std::filesystem::path bundles = "bundles";  ///< Folder of NAME.einet.
  std::string data_directory;                 ///< As data::load_dataset() takes it; "" = the usual places.
  std::string distribution = "uniform";       ///< Of the cut-off, plan::parse_distribution() on each bundle's horizon.
  std::uint64_t seed = 1;                     ///< Of everything random.
  bundle::TimingOptions timing = {};          ///< As for einet eval.
};

/// A bundle of the folder.
struct Subject : eval::Subject {
  std::string name;  ///< Of the file, without ".einet".

  double horizon() const { return times.total(); }
};

/// One method of one subject: what `einet eval` reports for it.
struct Score {
  std::vector<double> samples;  ///< policy::score() of each held-out sample.
  policy::Estimate accuracy;
  double planning_seconds = 0.0;  ///< Mean over exits.
};

/// What the items share: bundles are loaded and methods evaluated once. The values are those of eval::evaluate().
class Context {
 public:
  explicit Context(ContextOptions options, Progress& progress = Progress::none());
  ~Context();

  const ContextOptions& options() const { return options_; }
  Progress& progress() const { return progress_; }

  /// Names of all bundles of the folder, sorted.
  const std::vector<std::string>& names() const { return names_; }
  /// Null where the bundle is missing or unusable; problem() has the reason. Valid as long as the context.
  const Subject* find(const std::string& name);
  /// Why find() gave null: "no bundle: made by `scripts/make-bundle …`", no times of the platform in the options, or
  /// the error of a damaged bundle.
  std::string problem(const std::string& name) const;
  /// Throws kUsage if the options have a platform of which no bundle has times. A bundle without such times beside
  /// others that have them is as good as missing: values of different machines must not be compared.
  void check_platform();
  /// Errors of damaged bundles that were asked for, one line each.
  std::vector<std::string> errors() const;

  /// Bundles in use whose times were measured on a busy machine.
  std::vector<std::string> busy() const;

  /// Scores a method (a name of eval::MethodBuilder) by simulation. Null where the bundle has no such method (no
  /// predictor, no log-probabilities). `distribution` as in ContextOptions; "" = that of the context. `planner` as for
  /// einet eval. Valid as long as the context.
  const Score* score(const Subject& subject, eval::Protocol protocol, const std::string& method,
                     const std::string& distribution = "", const std::string& planner = "exact");
  /// The method itself. Null and validity as for score().
  const eval::Method* method(const Subject& subject, eval::Protocol protocol, const std::string& method,
                             const std::string& distribution = "", const std::string& planner = "exact");

 private:
  struct Methods;
  using MethodsKey = std::tuple<std::string, eval::Protocol, std::string, std::string>;

  Methods& methods(const Subject& subject, eval::Protocol protocol, const std::string& distribution,
                   const std::string& planner);

  ContextOptions options_;
  Progress& progress_;
  std::vector<std::string> names_;
  std::map<std::string, std::unique_ptr<Subject>> subjects_;   ///< Null where it could not be loaded.
  std::map<std::string, std::string> errors_, without_times_;  ///< Why, by bundle.
  std::map<MethodsKey, std::unique_ptr<Methods>> methods_;
};

}  // namespace einet::reproduce
