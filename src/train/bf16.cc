#include "train/bf16.h"

#include <ATen/Context.h>
#include <hwy/targets.h>

namespace einet::train {

bool has_bf16_products() {
  static const bool avx512 = (hwy::SupportedTargets() & HWY_AVX3) != 0;
  return avx512 && at::globalContext().userEnabledMkldnn();
}

std::string default_precision() { return has_bf16_products() ? "bf16" : "f32"; }

}  // namespace einet::train
