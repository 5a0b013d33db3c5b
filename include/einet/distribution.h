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

/// The distribution F of the moment of the cut-off, over [0, horizon()]. Immutable unless a subclass says so.
class EINET_API ExitTimeDistribution {
 public:
  virtual ~ExitTimeDistribution() = default;

  /// P(cut-off <= t): 0 for t <= 0, 1 for t >= horizon(), monotone. No allocation.
  virtual double cdf(double t) const noexcept = 0;
  /// P(cut-off > t | cut-off > elapsed), 0 <= elapsed <= t. 0 when the run is certainly cut off by `elapsed`.
  double survival(double t, double elapsed) const noexcept;
  /// One moment of a cut-off, drawn from F.
  virtual double sample(std::mt19937_64& random) const;
  /// Inverse cdf, 0 <= p <= 1: the least t >= 0 with cdf(t) >= p. Stratified sampling draws through it.
  virtual double quantile(double p) const noexcept = 0;
  /// The moment after which the run has certainly been cut off; may be infinity.
  virtual double horizon() const noexcept = 0;
  virtual bool is_uniform() const noexcept { return false; }
  /// How far 1 - cdf rises above a chord: the most by which it exceeds, anywhere between t and t + width, t >= 0, the
  /// straight line through its values at both ends. Small for smooth distributions, where it sharpens the exact
  /// planner's bounds; 1 is always right.
  virtual double concavity(double /*width*/) const noexcept { return 1.0; }
  /// Changes whenever cdf() has changed: planners that keep tables of it look here.
  virtual std::uint64_t version() const noexcept { return 0; }
  /// In the language of parse_distribution().
  virtual std::string description() const = 0;
};

// All of these throw kInvalidData on arguments outside what is said here, NaN and infinity included. Times are in the
// unit of the block times (seconds).

/// F(t) = t / horizon, horizon > 0.
EINET_API std::shared_ptr<const ExitTimeDistribution> uniform_distribution(double horizon);

/// Gaussian with mean `mu` and standard deviation `sigma` > 0, both in units of `horizon` > 0, truncated to
/// [0, horizon] (the paper: mu = 0.5, sigma 0.5 and 1). Some of its mass must be there.
EINET_API std::shared_ptr<const ExitTimeDistribution> gaussian_distribution(double mu, double sigma, double horizon);

/// The cut-off comes at `deadline` > 0, for certain: an output must come before it.
EINET_API std::shared_ptr<const ExitTimeDistribution> deadline_distribution(double deadline);

/// A known deadline > 0 besides `distribution`: the cut-off is min(X, deadline), X drawn from `distribution`. A
/// deadline no earlier than its horizon changes nothing.
EINET_API std::shared_ptr<const ExitTimeDistribution> with_deadline(
    std::shared_ptr<const ExitTimeDistribution> distribution, double deadline);

/// Memoryless cut-offs with mean `mean` > 0; the horizon is infinite.
EINET_API std::shared_ptr<const ExitTimeDistribution> exponential_distribution(double mean);

/// From observed cut-offs > 0, at least one, in any order: F rises linearly by 1/m from 0 to the earliest and between
/// each and the next of the m observations; equal ones are a step. `description` as description() shall have it; left
/// empty it lists the cut-offs.
EINET_API std::shared_ptr<const ExitTimeDistribution> empirical_distribution(std::span<const double> cut_offs,
                                                                             std::string description = {});

/// Cut-offs in equal bins of [0, horizon], horizon > 0, with weights >= 0 and a positive sum: F is linear within a bin.
EINET_API std::shared_ptr<const ExitTimeDistribution> histogram_distribution(std::span<const double> weights,
                                                                             double horizon);

/// Observed cut-offs from a CSV: one column, one time > 0 per line, in any order, at least one. A value is a number in
/// the unit of the column, or has a unit of its own as in parse_time() (without T). The first line may be a header,
/// which names the unit of the column ("cut_ms", "time (us)", "elapsed_seconds", "t_ns"); without one it is the second.
/// Blank lines, quotes around a value, CRLF and the byte order mark of UTF-8 are skipped. `name` is the file's, for
/// errors:
/// "<name>: line 3: …" (kInvalidData; also for several columns and for UTF-16).
EINET_API std::vector<double> parse_cut_offs(std::string_view csv, std::string_view name);
/// The same from a file, or from standard input for "-", which is read once and then remembered. Throws kNotFound, kIo,
/// and as above.
EINET_API std::vector<double> read_cut_offs(const std::filesystem::path& csv);

/// Parses what people type, scaled to `horizon` T (seconds, finite and > 0, else kInvalidData): "uniform",
/// "gaussian:MU,SIGMA" (truncated to the horizon), "deadline:TIME", "exponential:TIME" (its mean),
/// "histogram:W1,W2,…" (equal bins of the horizon), "observed:TIME,TIME,…" (observed cut-offs), "csv:FILE"
/// (read_cut_offs()). After any of these " until TIME" is a known deadline (with_deadline()). A TIME is what
/// parse_time() reads: "3ms", or "0.5T" in units of the horizon. MU and SIGMA are times, too, or bare numbers in units
/// of the horizon. Throws kUsage, for an unknown name with the nearest known one; for csv also what read_cut_offs()
/// throws.
EINET_API std::shared_ptr<const ExitTimeDistribution> parse_distribution(std::string_view text, double horizon);
/// "uniform", "gaussian:MU,SIGMA", …, for help.
EINET_API const std::vector<std::string>& distribution_forms();

/// How an OnlineHistogram learns.
struct HistogramOptions {
  int bins = 64;               ///< 1 … 4096.
  double prior_weight = 16.0;  ///< Observations that the uniform distribution it begins with is worth. > 0.
  double memory = 0.0;         ///< Observations after which an older one counts 1/e, for devices whose load drifts; 0 =
                               ///< forgets nothing, else >= 1.
};

/// The histogram of a device's own cut-offs, learning while it runs. Begins uniform.
///
/// observe() may be called from any thread, also while others read: readers never wait, and one that reads during an
/// observation may see some bins before it and some after. Planners notice by version(); a plan made during an
/// observation may be for such a mixture.
class EINET_API OnlineHistogram final : public ExitTimeDistribution {
 public:
  /// Throws kInvalidData unless horizon > 0 and finite, and on options outside their ranges.
  explicit OnlineHistogram(double horizon, const HistogramOptions& options = {});

  /// A run was cut off at `t`. Negative and NaN are ignored; moments beyond the horizon count as the horizon. Takes a
  /// lock that only other observers wait for; no allocation.
  void observe(double t) noexcept;
  std::int64_t observations() const noexcept { return version_.load(std::memory_order_relaxed); }

  double cdf(double t) const noexcept override;
  double quantile(double p) const noexcept override;
  double horizon() const noexcept override { return horizon_; }
  double concavity(double width) const noexcept override;
  std::uint64_t version() const noexcept override { return version_.load(std::memory_order_acquire); }
  /// "histogram:…": what has been learnt, to be kept over a restart or used elsewhere.
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
