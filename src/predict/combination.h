#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "exec/scores.h"

namespace einet::predict {

/// How the answers of the executed exits are combined (docs/definitions.md); the content of combination.json:
///
///     z <- keep_i * z + add_i * log p_i        after each executed exit i; z = 0 at the start of a run
///
/// The combined answer is the class with the largest z, and its confidence is that class's softmax of z. keep_i = 0 and
/// add_i = 1 give the answer of exit i itself.
struct CombinationWeights {
  std::vector<double> keep, add;  ///< One per exit, in [0, kLargest].
  /// Overall accuracy of combined answers minus that of latest answers, under the best static plan and a uniform
  /// cut-off, on samples that the weights were not fitted on; 0 if not measured.
  double gain = 0.0;
  double gain_stderr = 0.0;

  static constexpr double kLargest = 100.0;

  int exits() const { return static_cast<int>(keep.size()); }
  /// Whether the gain exceeds two standard errors: sessions then publish combined answers by default.
  bool pays() const { return gain > 2.0 * gain_stderr; }
  /// Throws kInvalidData naming `name`: no exits, different lengths, weights outside [0, kLargest].
  void validate(const std::string& name) const;
};

nlohmann::json to_json(const CombinationWeights& weights);
/// Throws kInvalidData naming `name`.
CombinationWeights combination_weights_from_json(const nlohmann::json& json, const std::string& name);

/// Combines the answers of a run; one run at a time. No allocation after construction.
class Combiner {
 public:
  /// `weights` must be valid; `classes` >= 1.
  Combiner(std::shared_ptr<const CombinationWeights> weights, int classes);

  /// Starts a new run.
  void reset() noexcept { empty_ = true; }
  /// The combined answer after exit `exit`, whose log-probabilities are `log_probabilities`: finite, one per class.
  exec::TopOne add(int exit, std::span<const float> log_probabilities) noexcept;

  /// The sums z behind the last answer, one per class.
  std::span<const float> scores() const noexcept { return z_; }

 private:
  std::shared_ptr<const CombinationWeights> weights_;
  std::vector<float> z_;
  bool empty_ = true;
};

}  // namespace einet::predict
