#pragma once

#include <filesystem>
#include <fstream>
#include <string>

namespace einet::testing {

/// One line of /proc/self/task/<t>/status of the thread with this name; "" if there is none.
inline std::string thread_status(const std::string& name, const std::string& key) {
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string comm;
    std::getline(std::ifstream(task.path() / "comm"), comm);
    if (comm != name) continue;
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with(key + ":")) return line.substr(key.size() + 2);
    }
  }
  return "";
}

}  // namespace einet::testing
