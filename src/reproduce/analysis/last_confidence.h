#pragma once

#include <memory>

#include "predict/predictor.h"
#include "profile/cs_profile.h"

namespace einet::reproduce {

/// A predictor that is fitted in milliseconds: the mean target of exit j over the fitted samples whose confidence at
/// the last executed exit k falls into the same of `bins` equally filled bins. Earlier confidences are ignored.
///
/// `correctness`: the target is 1 where exit j is right, else 0; otherwise its confidence. Throws kInvalidData for a
/// profile without samples, kUsage for fewer than one bin.
std::unique_ptr<predict::Predictor> fit_last_confidence(const profile::CsProfile& samples, bool correctness,
                                                        int bins = 16);

/// A predictor that knows all confidences of one sample in advance: the limit of every predictor of confidences.
class Foresight final : public predict::Predictor {
 public:
  /// `samples` must outlive it and its clones.
  explicit Foresight(const profile::CsProfile& samples) : samples_(samples), sample_(std::make_shared<int>(0)) {}

  /// The sample that runs from now on; holds for all clones.
  void set_sample(int sample) { *sample_ = sample; }

  int exits() const noexcept override { return samples_.exits; }
  void predict(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
               std::span<double> scores) noexcept override;
  std::unique_ptr<predict::Predictor> clone() const override { return std::make_unique<Foresight>(*this); }

 private:
  const profile::CsProfile& samples_;
  std::shared_ptr<int> sample_;
};

}  // namespace einet::reproduce
