#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "einet/answer.h"
#include "einet/api.h"
#include "einet/plan.h"
#include "einet/policy.h"
#include "einet/precision.h"
#include "einet/preprocessing.h"
#include "einet/time.h"

namespace einet {

/// Directory where measured times are cached: $EINET_CACHE, else $XDG_CACHE_HOME/einet, else $HOME/.cache/einet; empty
/// if none of these variables is set.
EINET_API std::filesystem::path cache_directory();

struct ModelOptions {
  /// Distribution of the cut-off time in the syntax of plan::parse_distribution(), scaled to the horizon.
  std::string distribution = "uniform";
  /// Name of the planner (plan::planner_names()). Others than "exact" are for comparisons.
  std::string planner = "exact";
  /// Runs use a decision table fitted on the CS-profile if it is better than a single plan. If false, or if the planner
  /// is not "exact", they re-plan with the fitted predictor (unless its shrinkage is 0).
  bool decision_table = true;
  /// bfloat16 is faster on processors that support it; its times are measured separately.
  Precision precision = Precision::kFloat32;
  /// Threads per block, at most the processors available to this process.
  int threads = 1;
  /// Prepare for sessions that run branches on a second thread (SessionOptions::branch_lane): keeps more values in
  /// memory, and plans with the times of two lanes, which are measured if the bundle has none for this machine. Only
  /// with one thread per block.
  bool branch_lane = false;
  /// If the bundle has no times for this machine, choose the fastest implementations before measuring them (about a
  /// second). If false, the default implementations are used.
  bool tune = true;
  /// Ignore times in the bundle and in the cache, and measure them now.
  bool measure = false;
  /// Directory where measured times are cached; empty = none.
  std::filesystem::path cache = cache_directory();
};

struct ModelParts;

/// A bundle prepared for this machine: compiled network, block times, planner and beliefs. Immutable; any number of
/// sessions can share it.
class EINET_API Model {
 public:
  /// Loads, verifies and compiles a bundle, and determines the block times for planning. Times in the bundle are
  /// checked for about 20 ms; if there are none for this machine, or the check fails, they are measured once (one to
  /// two seconds) and cached. Without a fitted predictor, runs use the best plan for the accuracies of the CS-profile.
  /// Throws Error: kNotFound if there is no bundle or it has neither predictor nor CS-profile, kInvalidData if it is
  /// damaged, kUsage for an unknown distribution or planner, kUnsupported for features that this processor lacks.
  static std::shared_ptr<const Model> load(const std::filesystem::path& bundle, const ModelOptions& options = {});
  /// From parts made by EINet's own modules (runtime/model_parts.h). Throws kInvalidData if their exits, channels or
  /// batch sizes are inconsistent.
  static std::shared_ptr<const Model> make(ModelParts parts);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  int exits() const noexcept;
  /// SHA-256 of the network's file in hexadecimal digits; empty if the model was not loaded from files.
  const std::string& digest() const noexcept;
  const std::vector<std::string>& labels() const noexcept;
  /// Display name of a class: its label, or its number if the bundle has no labels.
  std::string label_name(int label) const;
  const std::vector<std::int64_t>& input_shape() const noexcept;  ///< [1,C,H,W]
  std::size_t input_size() const noexcept;                        ///< C*H*W
  /// How a picture becomes pixels [C,H,W] in [0,1] of the input's size; the bundle was profiled with the same
  /// preprocessing. Sessions take such pixels and normalise them.
  const Preprocessing& preprocessing() const noexcept;
  /// Mean and standard deviation with which sessions normalise pixels.
  const Normalization& normalization() const noexcept;
  /// Times of every block on this machine in seconds, and r_i if the model re-plans.
  const plan::BlockTimes& times() const noexcept;
  Seconds horizon() const;  ///< T: the time of every conv part and branch.
  /// Notes for the user, one line each without a newline: for example, that times were not taken from the bundle or may
  /// be inaccurate. The library itself prints nothing.
  const std::vector<std::string>& notes() const noexcept;
  /// Which answers sessions publish by default: Publish::kCombined if the bundle has combination weights whose gain on
  /// held-out samples exceeds two standard errors, else Publish::kLatest.
  Publish publish() const noexcept;
  /// The bundle's own elastic policy (the predictor fitted on all held-out samples).
  std::unique_ptr<Policy> new_policy() const;

  const ModelParts& parts() const noexcept { return *parts_; }  ///< For EINet's own modules.

 private:
  explicit Model(ModelParts parts);

  std::unique_ptr<const ModelParts> parts_;
};

}  // namespace einet
