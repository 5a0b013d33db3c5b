#pragma once

#include <ATen/autocast_mode.h>

namespace einet::train {

/// During its lifetime, libtorch runs convolutions and linear layers of this thread in bfloat16 (on the given device)
/// and casts each weight once. Parameters, their gradients and all sums remain float.
class AutocastBf16 {
 public:
  AutocastBf16(bool enabled, bool cuda) : enabled_(enabled), cuda_(cuda) {
    if (!enabled_) return;
    at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
    at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
    at::autocast::increment_nesting();
    switch_to(true);
  }
  ~AutocastBf16() {
    if (!enabled_) return;
    switch_to(false);
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  }
  AutocastBf16(const AutocastBf16&) = delete;
  AutocastBf16& operator=(const AutocastBf16&) = delete;

 private:
  void switch_to(bool on) const {
    if (cuda_) {
      at::autocast::set_enabled(on);
    } else {
      at::autocast::set_cpu_enabled(on);
    }
  }

  bool enabled_;
  bool cuda_;
};

}  // namespace einet::train
