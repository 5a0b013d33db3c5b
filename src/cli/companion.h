#pragma once

#include <string>
#include <vector>

namespace einet::cli {

/// A program beside this one that runs some of the commands, because its libraries take long to load: libtorch needs a
/// second, gRPC 30 milliseconds.
struct Companion {
  std::string program;  ///< Name of the file, in the folder of this program.
  std::string missing;  ///< What to do about it if it does not exist, for the error.

  bool exists() const;
  /// Replaces this process by the program, with the words of `command`, such as {"bench", "server"}, and its arguments.
  /// Throws kUnsupported, naming the command, if it does not exist, and kIo.
  [[noreturn]] void run(const std::vector<std::string>& command, const std::vector<std::string>& arguments) const;
};

/// Trains networks and predictors.
const Companion& training();
/// Serves models.
const Companion& server();

}  // namespace einet::cli
