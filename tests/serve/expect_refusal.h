#pragma once

#include <gtest/gtest.h>

#include <string>

#include "serve/refusal.h"

namespace einet::serve::testing {

/// `action` is refused for this reason with a sentence that contains `says`.
template <class Action>
void expect_refusal(Refusal refusal, const std::string& says, Action&& action) {
  try {
    action();
    ADD_FAILURE() << "not refused; expected: " << says;
  } catch (const RequestError& error) {
    EXPECT_EQ(error.refusal(), refusal) << error.what();
    EXPECT_NE(std::string(error.what()).find(says), std::string::npos) << error.what();
  }
}

}  // namespace einet::serve::testing
