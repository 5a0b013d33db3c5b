#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace einet::io {

struct ChildOptions {
  // Open files that become its standard input, output and error; empty = those of this process. "/dev/null" is a
  // descriptor like any other.
  std::optional<int> input = std::nullopt, output = std::nullopt, error = std::nullopt;
  /// A process group of its own, so that signals of the terminal do not reach it, with default handling of all signals.
  bool detached = false;
  /// Is killed when the thread that starts it ends, even by a signal. `detached` is ignored, and a program that cannot
  /// be started is one that ends with status 127.
  bool ends_with_parent = false;
};

/// Starts `program`, found as by a shell, with these arguments, of which the first is the name by which it is called.
/// The caller passes the result to wait_for_child(). Throws kNotFound and kIo naming the program.
pid_t start_child(const std::string& program, const std::vector<std::string>& arguments,
                  const ChildOptions& options = {});

/// Waits for its end. The status has the form of waitpid()'s; empty if it was collected elsewhere in this program.
std::optional<int> wait_for_child(pid_t child) noexcept;

/// Whether it ended by itself with status 0.
bool succeeded(std::optional<int> status) noexcept;

}  // namespace einet::io
