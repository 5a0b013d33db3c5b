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
  bool independent = false;  ///< Each is the logit of its class alone, by a sigmoid; otherwise a softmax joins them.
};

/// sum_i weights[i] * loss_i over the exits with a weight. loss_i is the cross entropy with the labels, for independent
/// classes summed over them (label smoothing brings each class towards 1/2); with distillation it is (1 - share) times
/// that and share times T^2 KL(teacher | exit i), both softened by T = 2 (Hinton et al., 2015; Phuong, Lampert, ICCV
/// 2019). `teacher` is undefined without distillation; exit `teacher_exit` learns from the labels alone. The divergence
/// of a pupil with independent classes is summed over them; to other pupils an independent teacher's probabilities are
/// scaled to the sum 1.
at::Tensor weighted_loss(const std::vector<ExitLogits>& exits, const std::vector<double>& weights,
                         const at::Tensor& labels, const LossOptions& options, const ExitLogits& teacher,
                         std::size_t teacher_exit);

}  // namespace einet::train
