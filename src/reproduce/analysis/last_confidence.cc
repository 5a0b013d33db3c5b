#include "reproduce/analysis/last_confidence.h"

#include <algorithm>
#include <vector>

#include "einet/error.h"

namespace einet::reproduce {
namespace {

/// For each last exit k: the upper limits of its bins, and the mean target of each exit in each bin.
struct MeanTable {
  int exits = 0, bins = 0;
  std::vector<float> limits;  ///< [exits, bins - 1]
  std::vector<double> means;  ///< [exits, bins, exits]

  int bin(int last, float confidence) const noexcept {
    const float* first = limits.data() + std::size_t(last) * (bins - 1);
    return static_cast<int>(std::upper_bound(first, first + bins - 1, confidence) - first);
  }
  double* row(int last, int bin) noexcept { return means.data() + (std::size_t(last) * bins + bin) * exits; }
  const double* row(int last, int bin) const noexcept {
    return means.data() + (std::size_t(last) * bins + bin) * exits;
  }
};

void set_limits(const profile::CsProfile& samples, int exit, MeanTable& table) {
  std::vector<float> sorted(samples.samples());
  for (int i = 0; i < samples.samples(); ++i) sorted[i] = samples.confidence_at(i, exit);
  std::ranges::sort(sorted);
  for (int bin = 1; bin < table.bins; ++bin) {
    table.limits[std::size_t(exit) * (table.bins - 1) + bin - 1] = sorted[sorted.size() * bin / table.bins];
  }
}

void set_means(const profile::CsProfile& samples, int last, bool correctness, MeanTable& table) {
  std::vector<int> counts(table.bins);
  std::vector<double> all(table.exits);
  for (int i = 0; i < samples.samples(); ++i) {
    const int bin = table.bin(last, samples.confidence_at(i, last));
    ++counts[bin];
    double* row = table.row(last, bin);
    for (int exit = last + 1; exit < table.exits; ++exit) {
      const double target = correctness ? samples.right(i, exit) : samples.confidence_at(i, exit);
      row[exit] += target;
      all[exit] += target;
    }
  }
  for (int bin = 0; bin < table.bins; ++bin) {
    for (int exit = last + 1; exit < table.exits; ++exit) {
      double& mean = table.row(last, bin)[exit];
      mean = counts[bin] > 0 ? mean / counts[bin] : all[exit] / samples.samples();  // Equal confidences share a bin.
    }
  }
}

class LastConfidence final : public predict::Predictor {
 public:
  explicit LastConfidence(std::shared_ptr<const MeanTable> table) : table_(std::move(table)) {}

  int exits() const noexcept override { return table_->exits; }

  void predict(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
               std::span<double> scores) noexcept override {
    for (int i = 0; i <= exit; ++i) scores[i] = executed.contains(i) ? confidence[i] : 0.0;
    const double* row = table_->row(exit, table_->bin(exit, confidence[exit]));
    for (int i = exit + 1; i < table_->exits; ++i) scores[i] = row[i];
  }

  std::unique_ptr<predict::Predictor> clone() const override { return std::make_unique<LastConfidence>(table_); }

 private:
  std::shared_ptr<const MeanTable> table_;
};

}  // namespace

std::unique_ptr<predict::Predictor> fit_last_confidence(const profile::CsProfile& samples, bool correctness, int bins) {
  if (samples.samples() < 1) throw Error(ErrorKind::kInvalidData, "CS-profile", "no samples to fit a predictor to");
  if (bins < 1) throw Error(ErrorKind::kUsage, "bins", "must be at least 1");
  auto table = std::make_shared<MeanTable>();
  table->exits = samples.exits;
  table->bins = bins;
  table->limits.resize(std::size_t(samples.exits) * (bins - 1));
  table->means.resize(std::size_t(samples.exits) * bins * samples.exits);
  for (int exit = 0; exit < samples.exits; ++exit) {
    set_limits(samples, exit, *table);
    set_means(samples, exit, correctness, *table);
  }
  return std::make_unique<LastConfidence>(std::move(table));
}

void Foresight::predict(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
                        std::span<double> scores) noexcept {
  for (int i = 0; i < samples_.exits; ++i) {
    scores[i] = i <= exit && executed.contains(i) ? confidence[i] : samples_.confidence_at(*sample_, i);
  }
}

}  // namespace einet::reproduce
