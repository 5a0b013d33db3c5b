// Reads what Linux reports about the machine. hardware.cc interprets it.

#include <sys/utsname.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "exec/hardware.h"

namespace einet::exec {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The content without the newline of sysfs and the NUL of device trees.
std::string line_of(const fs::path& path) {
  std::string text = text_of(path);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\0' || text.back() == ' ')) text.pop_back();
  return text;
}

/// The folders in `folder` whose names are `prefix` followed by a number.
std::vector<fs::path> numbered(const fs::path& folder, std::string_view prefix) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.size() > prefix.size() && name.starts_with(prefix) &&
        name.find_first_not_of("0123456789", prefix.size()) == std::string::npos) {
      found.push_back(at->path());
    }
  }
  return found;
}

}  // namespace

const std::vector<std::string>& environment_limits() {
  static const std::vector<std::string> names = {"DNNL_MAX_CPU_ISA",         "ONEDNN_MAX_CPU_ISA",
                                                 "DNNL_CPU_ISA_HINTS",       "ONEDNN_CPU_ISA_HINTS",
                                                 "DNNL_DEFAULT_FPMATH_MODE", "ONEDNN_DEFAULT_FPMATH_MODE"};
  return names;
}

SystemReport read_system_report(const fs::path& root) {
  SystemReport report;
  report.cpuinfo = text_of(root / "proc/cpuinfo");
  report.board = line_of(root / "proc/device-tree/model");
  utsname system{};
  if (uname(&system) == 0) report.machine = system.machine;
  for (const fs::path& processor : numbered(root / "sys/devices/system/cpu", "cpu")) {
    for (const fs::path& cache : numbered(processor / "cache", "index")) {
      std::string text = "L";
      text += line_of(cache / "level") + " " + line_of(cache / "type") + " " + line_of(cache / "size");
      report.caches.push_back(std::move(text));
    }
    const std::int64_t khz = std::atoll(line_of(processor / "cpufreq/cpuinfo_max_freq").c_str());
    if (khz > 0) report.max_khz.push_back(khz);
  }
  for (const std::string& name : environment_limits()) {
    if (const char* value = std::getenv(name.c_str()); value != nullptr && *value != '\0') {
      report.environment[name] = value;
    }
  }
  return report;
}

}  // namespace einet::exec
