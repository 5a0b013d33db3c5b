#include "train/losses.h"

namespace einet::train {
namespace {

constexpr double kTemperature = 2.0;

/// The probabilities of the classes, softened.
at::Tensor softened(const ExitLogits& exit) {
  const at::Tensor logits = exit.logits / kTemperature;
  return exit.independent ? at::sigmoid(logits) : at::softmax(logits, 1);
}

at::Tensor cross_entropy(const ExitLogits& exit, const at::Tensor& labels, double smoothing) {
  if (!exit.independent) {
    return at::cross_entropy_loss(exit.logits, labels, {}, at::Reduction::Mean, -100, smoothing);
  }
  const at::Tensor right = at::one_hot(labels, exit.logits.size(1)).to(exit.logits.scalar_type());
  const at::Tensor targets = right * (1 - smoothing) + smoothing / 2;
  return at::binary_cross_entropy_with_logits(exit.logits, targets, {}, {}, at::Reduction::Sum) / exit.logits.size(0);
}

/// KL(teacher | pupil), both softened, summed over classes and averaged over samples.
at::Tensor divergence(const ExitLogits& teacher, const ExitLogits& pupil) {
  const at::Tensor wanted = softened({teacher.logits.detach(), teacher.independent});
  const at::Tensor logits = pupil.logits / kTemperature;
  if (!pupil.independent) {
    const at::Tensor shares = teacher.independent ? wanted / wanted.sum(1, true) : wanted;
    return at::kl_div(at::log_softmax(logits, 1), shares, at::Reduction::Sum) / logits.size(0);
  }
  const at::Tensor is = at::kl_div(at::log_sigmoid(logits), wanted, at::Reduction::Sum);
  const at::Tensor is_not = at::kl_div(at::log_sigmoid(-logits), 1 - wanted, at::Reduction::Sum);
  return (is + is_not) / logits.size(0);
}

}  // namespace

std::vector<at::Tensor> exit_losses(const std::vector<ExitLogits>& exits, const at::Tensor& labels,
                                    const LossOptions& options, const ExitLogits& teacher, std::size_t teacher_exit) {
  std::vector<at::Tensor> losses;
  for (std::size_t exit = 0; exit < exits.size(); ++exit) {
    losses.push_back(cross_entropy(exits[exit], labels, options.label_smoothing));
    if (teacher.logits.defined() && exit != teacher_exit) {
      losses.back() = (1 - options.distillation) * losses.back() +
                      options.distillation * kTemperature * kTemperature * divergence(teacher, exits[exit]);
    }
  }
  return losses;
}

at::Tensor weighted_sum(const std::vector<at::Tensor>& losses, const std::vector<double>& weights) {
  at::Tensor sum = at::zeros({}, losses.at(0).options());
  for (std::size_t exit = 0; exit < losses.size(); ++exit) {
    if (weights[exit] != 0) sum = sum + weights[exit] * losses[exit];
  }
  return sum;
}

}  // namespace einet::train
