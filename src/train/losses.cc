#include "train/losses.h"

namespace einet::train {

at::Tensor weighted_loss(const std::vector<at::Tensor>& logits, const std::vector<double>& weights,
                         const at::Tensor& labels, const LossOptions& options, const at::Tensor& teacher,
                         std::size_t teacher_exit) {
  constexpr double kTemperature = 2.0;
  at::Tensor soft_labels;
  if (teacher.defined()) soft_labels = at::softmax(teacher.detach().to(at::kFloat) / kTemperature, 1);
  at::Tensor sum = at::zeros({}, at::TensorOptions(at::kFloat).device(labels.device()));
  for (std::size_t exit = 0; exit < logits.size(); ++exit) {
    if (weights[exit] == 0) continue;
    const at::Tensor answers = logits[exit].to(at::kFloat);
    at::Tensor loss = at::cross_entropy_loss(answers, labels, {}, at::Reduction::Mean, -100, options.label_smoothing);
    if (soft_labels.defined() && exit != teacher_exit) {
      const at::Tensor softened = at::log_softmax(answers / kTemperature, 1);
      const at::Tensor divergence = at::kl_div(softened, soft_labels, at::Reduction::Sum) / answers.size(0);
      loss = (1 - options.distillation) * loss + options.distillation * kTemperature * kTemperature * divergence;
    }
    sum = sum + weights[exit] * loss;
  }
  return sum;
}

}  // namespace einet::train
