#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "einet/answer.h"
#include "runtime/fake_program.h"

namespace einet::testing {

/// An input of FakeProgram.
inline std::vector<float> pixel(float value) { return {value}; }

/// `answer` is none, or one that a FakeProgram of `exits` exits gives for `image`.
inline void expect_genuine(const Answer& answer, float image, int exits) {
  if (!answer.exists()) return;
  EXPECT_LT(answer.exit, exits);
  EXPECT_EQ(answer.label, FakeProgram::label(image, answer.exit));
  EXPECT_GT(answer.confidence, 0.1f);
  EXPECT_GE(answer.elapsed.count(), 0);
}

}  // namespace einet::testing
