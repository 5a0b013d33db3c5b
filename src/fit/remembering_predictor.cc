#include "fit/remembering_predictor.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "predict/mask.h"

namespace einet::fit {
namespace {

/// Scores by the bytes of the predictor's input row, which determines them except for the mask.
using Memory = std::unordered_map<std::string, std::vector<double>>;

class RememberingPredictor final : public predict::Predictor {
 public:
  RememberingPredictor(std::unique_ptr<predict::Predictor> predictor, std::shared_ptr<Memory> memory, std::size_t most)
      : predictor_(std::move(predictor)), memory_(std::move(memory)), most_(most), row_(predictor_->exits()) {}

  int exits() const noexcept override { return predictor_->exits(); }

  void predict(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
               std::span<double> scores) noexcept override {
    predict::encode_seen(confidence, executed, exit, row_);
    key_.assign(reinterpret_cast<const char*>(row_.data()), row_.size() * sizeof(float));
    if (const auto known = memory_->find(key_); known != memory_->end()) {
      std::ranges::copy(known->second, scores.begin());
      predict::mask_seen(confidence, executed, exit, scores);
      return;
    }
    predictor_->predict(confidence, executed, exit, scores);
    if (memory_->size() < most_) memory_->emplace(key_, std::vector<double>(scores.begin(), scores.end()));
  }

  std::unique_ptr<Predictor> clone() const override {
    return std::make_unique<RememberingPredictor>(predictor_->clone(), memory_, most_);
  }

 private:
  std::unique_ptr<predict::Predictor> predictor_;
  std::shared_ptr<Memory> memory_;
  std::size_t most_;
  std::vector<float> row_;
  std::string key_;
};

}  // namespace

std::unique_ptr<predict::Predictor> remembering_predictor(std::unique_ptr<predict::Predictor> predictor,
                                                          std::size_t most) {
  return std::make_unique<RememberingPredictor>(std::move(predictor), std::make_shared<Memory>(), most);
}

}  // namespace einet::fit
