#include "einet/profile/platform.h"

#include <sys/utsname.h>

#include <array>
#include <cctype>
#include <fstream>
#include <iterator>

#include "einet/core/processors.h"

namespace einet::profile {
namespace {

constexpr std::size_t kLongestName = 100;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// The value of the first line "key : value" of /proc/cpuinfo, or "".
std::string_view field(std::string_view cpuinfo, std::string_view key) {
  while (!cpuinfo.empty()) {
    const std::size_t end = cpuinfo.find('\n');
    const std::string_view line = cpuinfo.substr(0, end);
    cpuinfo = end == std::string_view::npos ? std::string_view{} : cpuinfo.substr(end + 1);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || trimmed(line.substr(0, colon)) != key) continue;
    if (const std::string_view value = trimmed(line.substr(colon + 1)); !value.empty()) return value;
  }
  return {};
}

}  // namespace

std::string processor_name(std::string_view cpuinfo, std::string_view machine) {
  for (const std::string_view key : {"model name", "Model", "Hardware"}) {
    if (const std::string_view value = field(cpuinfo, key); !value.empty()) return std::string(value);
  }
  return machine.empty() ? "unknown" : std::string(machine);
}

std::string file_name_safe(std::string_view text) {
  constexpr std::array<std::string_view, 3> kSigns = {"(R)", "(TM)", "(tm)"};
  std::string name;
  for (std::size_t i = 0; i < text.size() && name.size() < kLongestName;) {
    const std::string_view rest = text.substr(i);
    std::size_t skipped = 0;
    for (const std::string_view sign : kSigns) {
      if (rest.starts_with(sign)) skipped = sign.size();
    }
    if (skipped > 0) {
      i += skipped;
      continue;
    }
    const auto c = static_cast<unsigned char>(text[i++]);
    if ((c < 128 && std::isalnum(c)) || (c == '.' && !name.empty())) {
      name += static_cast<char>(std::tolower(c));
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() ? "unknown" : name;
}

Platform this_platform(int threads, exec::Precision precision) {
  std::ifstream file("/proc/cpuinfo");
  const std::string cpuinfo{std::istreambuf_iterator<char>(file), {}};
  utsname system{};
  const bool known = uname(&system) == 0;

  Platform platform;
  platform.processor = processor_name(cpuinfo, known ? system.machine : "");
  platform.threads = usable_threads(threads);
  platform.precision = exec::name(precision);
  platform.library = exec::library();
  platform.name =
      file_name_safe(platform.processor) + "-" + std::to_string(platform.threads) + "t-" + platform.precision;
  return platform;
}

}  // namespace einet::profile
