#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace einet::train {

struct LossOptions {
  double label_smoothing = 0.0;
  double distillation = 0.0;  ///< Share of the teacher in the loss of every exit but the teacher.
};

/// sum_i weights[i] * loss_i over the exits with a weight. loss_i is the cross entropy with the labels; with
/// distillation it is (1 - share) times that and share times T^2 KL(teacher | exit i), both softened by T = 2 (Hinton
/// et al., 2015; Phuong, Lampert, ICCV 2019). `teacher` is logits too, undefined without distillation; exit
/// `teacher_exit` learns from the labels alone.
at::Tensor weighted_loss(const std::vector<at::Tensor>& logits, const std::vector<double>& weights,
                         const at::Tensor& labels, const LossOptions& options, const at::Tensor& teacher,
                         std::size_t teacher_exit);

}  // namespace einet::train
