#include "load/prediction.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "einet/policy.h"
#include "policy/random_profile.h"
#include "runtime/fake_program.h"

namespace einet::load {
namespace {

using namespace std::chrono_literals;

TEST(Prediction, IsTheAnswerBeforeTheDeadline) {
  constexpr int kExits = 5;
  const auto model = einet::testing::fake_model(kExits, 1ms, 1);  // Exits answer after 2, 4, 6, 8 and 10 ms.
  const profile::CsProfile profile = einet::testing::random_profile(kExits, 200, 1);
  const std::vector<int> samples{3, 3, 17, 199, 0, 58};
  for (int milliseconds = 1; milliseconds <= 12; ++milliseconds) {
    const int exit = (milliseconds - 1) / 2 - 1;  // The last one before the deadline.
    double answered = 0, right = 0;
    for (const int sample : samples) {
      if (exit >= 0) answered += 1.0;
      if (exit >= 0 && profile.right(sample, std::min(exit, kExits - 1))) right += 1.0;
    }
    // A little more than whole milliseconds, whose sums are not exact.
    const Prediction prediction = predict(*model, Publish::kLatest, profile, samples, 1e-3 * milliseconds - 1e-6);
    EXPECT_DOUBLE_EQ(prediction.answered, answered / 6) << milliseconds;
    EXPECT_DOUBLE_EQ(prediction.right, right / 6) << milliseconds;
  }
  EXPECT_EQ(predict(*model, Publish::kLatest, profile, samples, plan::kNoDeadline).answered, 1.0);
}

}  // namespace
}  // namespace einet::load
