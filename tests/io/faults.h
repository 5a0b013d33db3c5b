#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "einet/error.h"
#include "io/system_calls.h"

namespace einet {

/// Runs `action` in a child process that exits, as if killed, just before its `n`-th system call that changes files
/// (from 0). Returns false if it made fewer calls and therefore finished.
template <class Action>
bool killed_at(int n, Action action) {
  const pid_t child = ::fork();
  if (child == 0) {
    io::system_calls::set_probe([&n](std::string_view) {
      if (n-- == 0) ::_exit(77);
      return 0;
    });
    try {
      action();
    } catch (const std::exception&) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && (WEXITSTATUS(status) == 77 || WEXITSTATUS(status) == 0)) << status;
  return WEXITSTATUS(status) == 77;
}

struct Fault {
  std::string call;                ///< The one that failed; "" if there were fewer calls.
  std::optional<Error> complaint;  ///< What `action` threw.
};

/// Runs `action` and makes its `n`-th system call that changes files (from 0) fail with `error`.
template <class Action>
Fault failing_at(int n, int error, Action action) {
  Fault fault;
  io::system_calls::set_probe([&](std::string_view call) {
    if (n-- != 0) return 0;
    fault.call = call;
    return error;
  });
  try {
    action();
  } catch (const Error& complaint) {
    fault.complaint = complaint;
    EXPECT_EQ(std::string(complaint.what()).find(".partial"), std::string::npos) << complaint.what();
  }
  io::system_calls::set_probe({});
  return fault;
}

}  // namespace einet
