#include "predict/predictor.h"

namespace einet::predict {

void encode_seen(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
                 std::span<float> out) noexcept {
  float nearest = 0.0f;
  for (int k = 0; k < static_cast<int>(out.size()); ++k) {
    if (k > exit) {
      out[k] = 0.0f;
      continue;
    }
    if (executed.contains(k)) nearest = confidence[k];
    out[k] = nearest;
  }
}

}  // namespace einet::predict
