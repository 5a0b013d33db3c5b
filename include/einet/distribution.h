#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "einet/api.h"

namespace einet::plan {

/// The distribution F of the cut-off time over [0, horizon()]. Immutable unless a subclass documents otherwise.
class EINET_API ExitTimeDistribution {
 public:
  virtual ~ExitTimeDistribution() = default;

  /// P(cut-off <= t): 0 for t <= 0, 1 for t >= horizon(), monotone. No allocation.
  virtual double cdf(double t) const noexcept = 0;
  /// P(cut-off > t | cut-off > elapsed), 0 <= elapsed <= t. 0 if the run is certain to be cut off by `elapsed`.
  double survival(double t, double elapsed) const noexcept;
  /// A cut-off time drawn from F.
  virtual double sample(std::mt19937_64& random) const;
  /// Inverse cdf, 0 <= p <= 1: the smallest t >= 0 with cdf(t) >= p. Used by stratified sampling.
  virtual double quantile(double p) const noexcept = 0;
  /// The time by which the run is certain to be cut off; may be infinity.
  virtual double horizon() const noexcept = 0;
  virtual bool is_uniform() const noexcept { return false; }
  /// How far 1 - cdf rises above a chord: the maximum over t >= 0 of its excess, on [t, t + width], over the straight
  /// line through its values at both ends. A small value tightens the exact planner's bounds; 1 is always valid.
  virtual double concavity(double /*width*/) const noexcept { return 1.0; }
  /// Changes whenever cdf() changes. Planners check it before they reuse tables computed from cdf().
  virtual std::uint64_t version() const noexcept { return 0; }
  /// In the syntax of parse_distribution().
  virtual std::string description() const = 0;
};

// All of these throw kInvalidData for arguments outside the stated ranges, including NaN and infinity. Times are in the
// unit of the block times (seconds).

/// F(t) = t / horizon, horizon > 0.
EINET_API std::shared_ptr<const ExitTimeDistribution> uniform_distribution(double horizon);

/// Gaussian with mean `mu` and standard deviation `sigma` > 0, both in units of `horizon` > 0, truncated to [0,
/// horizon] (the paper: mu = 0.5, sigma 0.5 and 1). Some of its mass must lie in that interval.
EINET_API std::shared_ptr<const ExitTimeDistribution> gaussian_distribution(double mu, double sigma, double horizon);

/// A certain cut-off at `deadline` > 0: an output counts only if it comes earlier.
EINET_API std::shared_ptr<const ExitTimeDistribution> deadline_distribution(double deadline);

/// `distribution` combined with a known deadline > 0: the cut-off is min(X, deadline), X drawn from `distribution`. A
/// deadline at or after its horizon has no effect.
EINET_API std::shared_ptr<const ExitTimeDistribution> with_deadline(
    std::shared_ptr<const ExitTimeDistribution> distribution, double deadline);

/// Memoryless cut-offs with mean `mean` > 0; the horizon is infinite.
EINET_API std::shared_ptr<const ExitTimeDistribution> exponential_distribution(double mean);

/// From m >= 1 observed cut-offs > 0 in any order: F rises linearly by 1/m from 0 to the earliest and between
/// consecutive observations; equal observations form a step. `description` is what description() returns; if empty, a
/// list of the cut-offs.
EINET_API std::shared_ptr<const ExitTimeDistribution> empirical_distribution(std::span<const double> cut_offs,
                                                                             std::string description = {});

/// Cut-offs in equal bins of [0, horizon], horizon > 0, with weights >= 0 and a positive sum: F is linear within a bin.
EINET_API std::shared_ptr<const ExitTimeDistribution> histogram_distribution(std::span<const double> weights,
                                                                             double horizon);

/// Observed cut-offs from CSV text: one column, one time > 0 per line, in any order, at least one. A value is a number
/// in the unit of the column, or has its own unit as in parse_time() (without T). The first line may be a header that
/// names the unit of the column ("cut_ms", "time (us)", "elapsed_seconds", "t_ns"); without a header the unit is
/// seconds. Blank lines, quotes around a value, CRLF and the UTF-8 byte order mark are skipped. Errors begin with
/// `name`, the file's: "<name>: line 3: …" (kInvalidData; also for several columns and for UTF-16).
EINET_API std::vector<double> parse_cut_offs(std::string_view csv, std::string_view name);
/// The same from a file, or for "-" from standard input, which is read once and cached. Throws kNotFound, kIo, and as
/// above.
EINET_API std::vector<double> read_cut_offs(const std::filesystem::path& csv);

/// Parses the text form of a distribution, scaled to `horizon` T (seconds, finite and > 0, else kInvalidData):
/// "uniform", "gaussian:MU,SIGMA" (truncated to the horizon), "deadline:TIME", "exponential:TIME" (its mean),
/// "histogram:W1,W2,…" (equal bins of the horizon), "observed:TIME,TIME,…" (observed cut-offs), "csv:FILE"
/// (read_cut_offs()). Any of these may be followed by " until TIME", a known deadline (with_deadline()). TIME has the
/// syntax of parse_time(): "3ms", or "0.5T" in units of the horizon. MU and SIGMA are also times, or bare numbers in
/// units of the horizon. Throws kUsage, which for an unknown name suggests the nearest known one; for csv also what
/// read_cut_offs() throws.
EINET_API std::shared_ptr<const ExitTimeDistribution> parse_distribution(std::string_view text, double horizon);
/// "uniform", "gaussian:MU,SIGMA", …, for help texts.
EINET_API const std::vector<std::string>& distribution_forms();

/// How an OnlineHistogram weights its observations.
struct HistogramOptions {
  int bins = 64;               ///< 1 … 4096.
  double prior_weight = 16.0;  ///< Weight of the initial uniform distribution, in observations. > 0.
  double memory = 0.0;  ///< Observations after which the weight of an old one has dropped to 1/e, for devices whose
                        ///< load drifts; 0 = all count equally, else >= 1.
};

/// A histogram of a device's own cut-offs, updated online. Starts as the uniform distribution.
///
/// observe() may be called from any thread, even while others read. Readers never wait; a reader that overlaps an
/// observation may see some bins from before and some from after it, and a plan made at that moment uses such a
/// mixture. Planners detect changes by version().
class EINET_API OnlineHistogram final : public ExitTimeDistribution {
 public:
  /// Throws kInvalidData unless horizon > 0 and finite, and on options outside their ranges.
  explicit OnlineHistogram(double horizon, const HistogramOptions& options = {});

  /// Records that a run was cut off at `t`. Negative values and NaN are ignored; times beyond the horizon count as the
  /// horizon. Takes a lock that only blocks other observers; no allocation.
  void observe(double t) noexcept;
  std::int64_t observations() const noexcept { return version_.load(std::memory_order_relaxed); }

  double cdf(double t) const noexcept override;
  double quantile(double p) const noexcept override;
  double horizon() const noexcept override { return horizon_; }
  double concavity(double width) const noexcept override;
  std::uint64_t version() const noexcept override { return version_.load(std::memory_order_acquire); }
  /// "histogram:…": the current histogram, to be saved across a restart or used elsewhere.
  std::string description() const override;

 private:
  void publish() noexcept;

  double horizon_;
  double decay_;
  std::mutex observers_;
  std::vector<double> weights_;                  ///< Per bin; guarded by observers_.
  std::vector<std::atomic<double>> cumulative_;  ///< [bin + 1]: F at the bin's end.
  std::atomic<std::uint64_t> version_{0};
};

}  // namespace einet::plan
