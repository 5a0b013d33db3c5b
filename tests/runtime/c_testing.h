#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "einet/einet_c.h"

namespace einet::testing {

struct Free {
  void operator()(einet_model* model) const { einet_model_free(model); }
  void operator()(einet_session* session) const { einet_session_free(session); }
  void operator()(einet_slot* slot) const { einet_slot_free(slot); }
};
template <class T>
using Handle = std::unique_ptr<T, Free>;

/// The handle returned through the last parameter of `function`.
template <class T, class Function, class... Arguments>
Handle<T> made(Function function, Arguments... arguments) {
  T* handle = nullptr;
  EXPECT_EQ(function(arguments..., &handle), EINET_OK) << einet_last_error();
  return Handle<T>(handle);
}

inline einet_answer wait(einet_session* session) {
  einet_answer answer = EINET_ANSWER_INIT;
  EXPECT_EQ(einet_session_wait(session, &answer), EINET_OK);
  return answer;
}

inline void expect_status(einet_status status, einet_status expected, const std::string& text) {
  EXPECT_EQ(status, expected);
  EXPECT_NE(std::string(einet_last_error()).find(text), std::string::npos) << einet_last_error();
}

}  // namespace einet::testing
