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

/// Where measurements are kept between starts: $EINET_CACHE, else $XDG_CACHE_HOME/einet, else $HOME/.cache/einet; empty
/// when there is none of these.
EINET_API std::filesystem::path cache_directory();

struct ModelOptions {
  /// The cut-off's distribution, in the language of plan::parse_distribution(), scaled to the horizon.
  std::string distribution = "uniform";
  /// Planner by name (plan::planner_names()); "exact" needs no reason to be changed except comparison.
  std::string planner = "exact";
  /// Runs follow a decision table fitted on the CS-profile where that is better than a single plan. Off, and for other
  /// planners than "exact": they re-plan by the fitted predictor as far as its shrinkage allows.
  bool decision_table = true;
  /// bfloat16 is faster where the processor has it; its times are profiled apart.
  Precision precision = Precision::kFloat32;
  /// Threads that a block runs on. No more than the processors that this process may use.
  int threads = 1;
  /// Where the bundle has no timing of this machine, the fastest implementations are chosen before its times are
  /// measured (about a second). Off: the default ones.
  bool tune = true;
  /// Measure the times now, whatever the bundle and the user's cache have.
  bool measure = false;
  /// Where measurements are kept between starts; empty = nowhere.
  std::filesystem::path cache = cache_directory();
};

struct ModelParts;

/// A bundle made ready for this machine: compiled network, block times, planner and beliefs. Immutable; shared by
/// any number of sessions.
class EINET_API Model {
 public:
  /// Loads, verifies, compiles, and finds the times to plan with: those of the bundle after a check of some 20 ms;
  /// where it has none of this machine, or others, they are measured once (one to two seconds) and kept in the cache.
  /// Without a fitted predictor it follows the best plan for the accuracies of the CS-profile. Throws Error: kNotFound
  /// when there is no bundle or it has neither predictor nor CS-profile, kInvalidData for a damaged one, kUsage for an
  /// unknown distribution or planner, kUnsupported for what this processor cannot do.
  static std::shared_ptr<const Model> load(const std::filesystem::path& bundle, const ModelOptions& options = {});
  /// Of parts that EINet's own modules make (runtime/model_parts.h). Throws kInvalidData when they disagree about
  /// exits, channels or the batch size.
  static std::shared_ptr<const Model> make(ModelParts parts);
  ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  int exits() const noexcept;
  /// SHA-256 of the network's file in hexadecimal digits; empty where the model was not loaded from files.
  const std::string& digest() const noexcept;
  const std::vector<std::string>& labels() const noexcept;
  /// A class as it is shown to people: its label, or its number where the bundle has no labels.
  std::string label_name(int label) const;
  const std::vector<std::int64_t>& input_shape() const noexcept;  ///< [1,C,H,W]
  std::size_t input_size() const noexcept;                        ///< C*H*W
  /// How a picture becomes pixels [C,H,W] in [0,1] of the input's size, as the pictures were that the bundle was
  /// profiled on. Sessions take such pixels and normalise them.
  const Preprocessing& preprocessing() const noexcept;
  /// What sessions subtract from pixels and divide them by.
  const Normalization& normalization() const noexcept;
  /// Seconds of every block on this machine, and r_i where the model re-plans.
  const plan::BlockTimes& times() const noexcept;
  Seconds horizon() const;  ///< T: the time of every conv part and branch.
  /// One line each for the user, without a line end: which times are used where they are not the bundle's own, and why
  /// they may be off. Empty when there is nothing to report. The library prints nothing by itself.
  const std::vector<std::string>& notes() const noexcept;
  /// Which answers sessions publish by default: Publish::kCombined where the bundle has weights for it whose gain on
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
