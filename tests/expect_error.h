#pragma once

#include <gtest/gtest.h>

#include <string>

#include "einet/error.h"

namespace einet {

/// Expects `action` to throw an einet::Error of this kind whose one-line message contains `text`.
template <class Action>
void expect_error(ErrorKind kind, const std::string& text, Action action) {
  try {
    action();
    ADD_FAILURE() << "nothing was thrown; expected '" << text << "'";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_NE(std::string(error.what()).find(text), std::string::npos) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
  }
}

}  // namespace einet
