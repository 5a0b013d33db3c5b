#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "predict/mask.h"
#include "predict/predictor.h"

namespace einet::predict {

/// Predicts the mean score of each later exit, independent of the observed confidences.
class MeanPredictor final : public Predictor {
 public:
  explicit MeanPredictor(std::span<const double> means) {
    for (const double mean : means) means_.push_back(to_unit(mean));
  }

  int exits() const noexcept override { return static_cast<int>(means_.size()); }

  void predict(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
               std::span<double> scores) noexcept override {
    std::copy(means_.begin(), means_.end(), scores.begin());
    mask_seen(confidence, executed, exit, scores);
  }

  std::unique_ptr<Predictor> clone() const override { return std::make_unique<MeanPredictor>(*this); }

 private:
  std::vector<double> means_;
};

inline std::unique_ptr<Predictor> mean_predictor(std::span<const double> means) {
  return std::make_unique<MeanPredictor>(means);
}

}  // namespace einet::predict
