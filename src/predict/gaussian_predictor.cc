// Conditioning a normal distribution exit by exit.
//
// x ~ N(m, S) are the logits of all exits' confidences. Seeing x_e = a changes mean and covariance to
//
//     m' = m + S[:,e] (a - m_e) / S[e,e],      S' = S - S[:,e] S[e,:] / S[e,e],
//
// and seeing several exits one after the other gives the same as seeing them at once. S is never changed in place: with
// v_k = S_k[:,e_k] / sqrt(S_k[e_k,e_k]), where S_k is the covariance before the k-th sighting, S_k = S - sum_{i<k} v_i
// v_i' so that column e of it costs O(n k). The v_k are the columns of a Cholesky factorisation of S in the order in
// which the exits were seen, one column added per sighting. A whole run that executes m of n exits costs O(n m^2) in
// all and O(n m) memory, taken once for m = n. Example, n = 2, variances 1, covariance r: after x_0 = a the mean of x_1
// is r a.
//
// Rasmussen and Williams, "Gaussian Processes for Machine Learning", appendix A.2 and A.4.

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "einet/error.h"
#include "predict/gaussian.h"
#include "predict/mask.h"

namespace einet::predict {
namespace {

/// Confidences of exactly 0 or 1 have no logit; float's nearest to 1 is about this far away.
constexpr double kEdge = 1e-6;

double logit(double confidence) {
  const double inside = std::clamp(confidence, kEdge, 1.0 - kEdge);
  return std::log(inside / (1.0 - inside));
}

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

class GaussianPredictor final : public Predictor {
 public:
  explicit GaussianPredictor(std::shared_ptr<const GaussianModel> model)
      : model_(std::move(model)),
        mean_(model_->mean),
        columns_(model_->covariance.size()),
        seen_exit_(mean_.size()),
        seen_confidence_(mean_.size()) {}

  int exits() const noexcept override { return static_cast<int>(mean_.size()); }

  void predict(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
               std::span<double> scores) noexcept override {
    if (!continues(confidence, executed, exit)) restart();
    const int last = seen_ == 0 ? -1 : seen_exit_[seen_ - 1];
    for (int k = executed.next(last); k <= exit && k < exits(); k = executed.next(k)) condition(k, confidence[k]);
    for (int j = 0; j < exits(); ++j) scores[j] = to_unit(sigmoid(mean_[j]));
    mask_seen(confidence, executed, exit, scores);
  }

  std::unique_ptr<Predictor> clone() const override { return std::make_unique<GaussianPredictor>(model_); }

 private:
  /// True when what was conditioned on so far is the beginning of what has been executed now.
  bool continues(std::span<const float> confidence, const plan::ExitPlan& executed, int exit) const noexcept {
    int k = executed.next(-1);
    for (int i = 0; i < seen_; ++i, k = executed.next(k)) {
      if (k != seen_exit_[i] || k > exit || confidence[k] != seen_confidence_[i]) return false;
    }
    return true;
  }

  void restart() noexcept {
    seen_ = 0;
    std::copy(model_->mean.begin(), model_->mean.end(), mean_.begin());
  }

  void condition(int exit, float confidence) noexcept {
    const std::size_t n = mean_.size();
    double* column = columns_.data() + std::size_t(seen_) * n;
    const double* covariance = model_->covariance.data() + std::size_t(exit) * n;
    std::copy(covariance, covariance + n, column);
    for (int i = 0; i < seen_; ++i) {
      const double* earlier = columns_.data() + std::size_t(i) * n;
      const double factor = earlier[exit];
      for (std::size_t j = 0; j < n; ++j) column[j] -= factor * earlier[j];
    }
    seen_exit_[seen_] = exit;
    seen_confidence_[seen_] = confidence;
    ++seen_;
    const double variance = column[exit];
    if (!(variance > kLeastVariance * covariance[exit])) {
      // Already known from the exits before, up to rounding: it has nothing to add.
      std::fill(column, column + n, 0.0);
      return;
    }
    const double scale = 1.0 / std::sqrt(variance);
    const double surprise = (logit(confidence) - mean_[exit]) * scale;
    for (std::size_t j = 0; j < n; ++j) {
      column[j] *= scale;
      mean_[j] += column[j] * surprise;
    }
  }

  static constexpr double kLeastVariance = 1e-10;

  std::shared_ptr<const GaussianModel> model_;
  std::vector<double> mean_;     ///< Conditional on the `seen_` sightings.
  std::vector<double> columns_;  ///< v_k, one after the other.
  std::vector<int> seen_exit_;
  std::vector<float> seen_confidence_;
  int seen_ = 0;
};

}  // namespace

GaussianModel fit_gaussian(const profile::CsProfile& profile, double ridge) {
  const int samples = profile.samples();
  const std::size_t n = profile.exits;
  if (samples < 2) throw Error(ErrorKind::kInvalidData, "gaussian predictor", "needs at least two samples");
  std::vector<double> logits(profile.confidence.size());
  std::transform(profile.confidence.begin(), profile.confidence.end(), logits.begin(), logit);

  GaussianModel model{std::vector<double>(n), std::vector<double>(n * n)};
  for (std::size_t i = 0; i < logits.size(); ++i) model.mean[i % n] += logits[i] / samples;
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] -= model.mean[i % n];
  for (int sample = 0; sample < samples; ++sample) {
    const double* row = logits.data() + std::size_t(sample) * n;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) model.covariance[i * n + j] += row[i] * row[j] / (samples - 1);
    }
  }
  double trace = 0.0;
  for (std::size_t i = 0; i < n; ++i) trace += model.covariance[i * n + i];
  // Exits that never vary at all still need a positive variance.
  const double added = ridge * trace / static_cast<double>(n) + 1e-9;
  for (std::size_t i = 0; i < n; ++i) model.covariance[i * n + i] += added;
  return model;
}

std::unique_ptr<Predictor> gaussian_predictor(GaussianModel model) {
  const std::size_t n = model.mean.size();
  const auto fail = [](const std::string& fault) { throw Error(ErrorKind::kInvalidData, "gaussian predictor", fault); };
  if (n < 1 || n > plan::kMaxExits || model.covariance.size() != n * n) {
    fail(std::to_string(n) + " means with " + std::to_string(model.covariance.size()) + " covariances");
  }
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!std::all_of(model.mean.begin(), model.mean.end(), finite) ||
      !std::all_of(model.covariance.begin(), model.covariance.end(), finite)) {
    fail("a mean or covariance is NaN or infinite");
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (!(model.covariance[i * n + i] > 0.0)) fail("exit " + std::to_string(i + 1) + " has no positive variance");
  }
  return std::make_unique<GaussianPredictor>(std::make_shared<const GaussianModel>(std::move(model)));
}

}  // namespace einet::predict
