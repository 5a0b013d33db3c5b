#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bundle/bundle.h"
#include "einet/distribution.h"
#include "einet/normalization.h"
#include "einet/policy.h"
#include "exec/program.h"
#include "exec/tuning_cache.h"

namespace einet {

struct ModelOptions {
  /// The cut-off's distribution, in the language of plan::parse_distribution(), scaled to the horizon.
  std::string distribution = "uniform";
  /// Planner by name; "exact" needs no reason to be changed except comparison.
  std::string planner = "exact";
  /// bfloat16 is faster where the processor has it; its times are profiled apart.
  exec::Precision precision = exec::Precision::kFloat32;
  /// See exec::CompileOptions.
  int threads = 1;
  /// Where the bundle has no timing of this machine, the fastest implementations are chosen before its times are
  /// measured (about a second). Off: the default ones.
  bool tune = true;
  /// Measure the times now, whatever the bundle and the user's cache have.
  bool measure = false;
  /// Where measurements are kept between starts; empty = nowhere.
  std::filesystem::path cache = exec::cache_directory();
};

/// What a model consists of, for those who have it in another form than a bundle.
struct ModelParts {
  std::shared_ptr<const exec::Program> program;  ///< Batch size 1.
  std::vector<std::string> labels;               ///< One per class; may be empty.
  Normalization normalization;                   ///< One mean and deviation per channel, or empty.
  plan::BlockTimes times;                        ///< One conv part and branch per exit.
  PolicyFactory policy;
  std::vector<std::string> notes = {};  ///< See Model::notes().
};

/// A bundle made ready for this machine: compiled network, block times, planner and beliefs. Immutable; shared by
/// any number of sessions.
class Model {
 public:
  /// Loads, verifies, compiles, and finds the times to plan with (bundle::select_timing()): those of the bundle after a
  /// check of some 20 ms; where it has none of this machine, or others, they are measured once (one to two seconds) and
  /// kept in the user's cache.
  /// Without a fitted predictor it follows the best plan for the accuracies of the CS-profile. Throws kNotFound when
  /// there is neither, and what loading, compiling and plan::parse_distribution() throw.
  static std::shared_ptr<const Model> load(const std::filesystem::path& bundle, const ModelOptions& options = {});
  static std::shared_ptr<const Model> make(bundle::Bundle bundle, const ModelOptions& options = {});
  /// Throws kInvalidData when the parts disagree about exits, channels or the batch size.
  static std::shared_ptr<const Model> make(ModelParts parts);

  int exits() const { return parts_.program->exits(); }
  const std::vector<std::string>& labels() const { return parts_.labels; }
  /// A class as it is shown to people: its label, or its number where the bundle has no labels.
  std::string label_name(int label) const;
  const graph::Shape& input_shape() const { return parts_.program->input_shape(); }  ///< [1,C,H,W]
  const Normalization& normalization() const { return parts_.normalization; }
  const plan::BlockTimes& times() const { return parts_.times; }
  Seconds horizon() const { return Seconds(parts_.times.total()); }
  const std::shared_ptr<const exec::Program>& program() const { return parts_.program; }
  /// One line each for the user, without a line end: which times are used where they are not the bundle's own, and why
  /// they may be off. Empty when there is nothing to report. The library prints nothing by itself.
  const std::vector<std::string>& notes() const { return parts_.notes; }
  /// The bundle's own elastic policy (the predictor fitted on all held-out samples).
  std::unique_ptr<Policy> new_policy() const { return parts_.policy(); }

 private:
  explicit Model(ModelParts parts) : parts_(std::move(parts)) {}

  ModelParts parts_;
};

}  // namespace einet
