#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace einet::train {

struct LossOptions {
  double label_smoothing = 0.0;
  double distillation = 0.0;  ///< Share of the teacher in the loss of every exit but the teacher.
};

/// The outputs of an exit for a batch.
struct ExitLogits {
  at::Tensor logits;         ///< [N,classes], float.
  bool independent = false;  ///< Each is the logit of its class's own sigmoid; otherwise of a softmax over all.
};

/// The loss of every exit, averaged over the batch: the cross entropy with the labels; for independent classes it is
/// summed over the classes (label smoothing moves the target of each towards 1/2). With distillation, it is (1 - share)
/// times the cross entropy plus share times T^2 KL(teacher | exit i), both softened by T = 2 (Hinton et al., 2015;
/// Phuong, Lampert, ICCV 2019); exit `teacher_exit` learns only from the labels. Without distillation, `teacher` is
/// undefined. For a student with independent classes, the divergence is summed over them; for other students, the
/// probabilities of an independent teacher are scaled to sum to 1.
std::vector<at::Tensor> exit_losses(const std::vector<ExitLogits>& exits, const at::Tensor& labels,
                                    const LossOptions& options, const ExitLogits& teacher, std::size_t teacher_exit);

/// sum_i weights[i] * losses[i].
at::Tensor weighted_sum(const std::vector<at::Tensor>& losses, const std::vector<double>& weights);

}  // namespace einet::train
