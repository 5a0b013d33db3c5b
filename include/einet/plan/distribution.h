#pragma once

#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace einet::plan {

/// The distribution F of the moment of the cut-off, over [0, horizon()]. Immutable unless a subclass says so.
class ExitTimeDistribution {
 public:
  virtual ~ExitTimeDistribution() = default;

  /// P(cut-off <= t): 0 for t <= 0, 1 for t >= horizon(), monotone. No allocation.
  virtual double cdf(double t) const noexcept = 0;
  /// P(cut-off > t | cut-off > elapsed), 0 <= elapsed <= t.
  double survival(double t, double elapsed) const noexcept;
  virtual double sample(std::mt19937_64& random) const = 0;
  /// Inverse cdf, 0 <= p <= 1: the least t with cdf(t) >= p. Stratified sampling draws through it.
  virtual double quantile(double p) const noexcept = 0;
  /// The moment after which the run has certainly been cut off; may be infinity.
  virtual double horizon() const noexcept = 0;
  virtual bool is_uniform() const noexcept { return false; }
  /// In the language of parse_distribution().
  virtual std::string description() const = 0;
};

/// F(t) = t / horizon. Throws kInvalidData unless horizon > 0 and finite.
std::shared_ptr<const ExitTimeDistribution> uniform_distribution(double horizon);

/// Parses what people type, scaled to `horizon` (seconds): "uniform", "gaussian:MU,SIGMA" (in units of the horizon,
/// truncated to it), "deadline:3ms", "exponential:MEAN" (2ms, or a bare number in units of the horizon),
/// "csv:FILE" (one observed cut-off per line, in seconds). Throws kUsage with the nearest known name.
std::shared_ptr<const ExitTimeDistribution> parse_distribution(std::string_view text, double horizon);

}  // namespace einet::plan
