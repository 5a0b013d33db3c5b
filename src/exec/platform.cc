#include "exec/platform.h"

#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

#include "core/processors.h"
#include "io/sha256.h"

namespace einet::exec {
namespace {

constexpr std::size_t kLongestName = 100;
/// The part of platform names after the processor has at most 20 characters: "-1024t-bf16-5d1c90ab".
constexpr std::size_t kLongestProcessor = kLongestName - 20;
constexpr std::size_t kDigestLength = 8;

std::string name_of(const std::string& processor, int threads, exec::Precision precision) {
  std::string name = file_name_safe(std::string_view(processor).substr(0, kLongestProcessor));
  return name + "-" + std::to_string(threads) + "t-" + std::string(exec::name(precision));
}

const SystemReport& report_of_this_machine() {
  static const SystemReport report = read_system_report();
  return report;
}

}  // namespace

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

Platform platform_of(const SystemReport& report, int threads, exec::Precision precision, const std::string& library) {
  Platform platform;
  platform.processor = hardware_name(report);
  platform.threads = usable_threads(threads);
  platform.precision = exec::name(precision);
  platform.library = library;
  platform.hardware = parse_hardware(report);
  const auto replace = nlohmann::json::error_handler_t::replace;  // A board's name need not be UTF-8.
  const std::string digest = io::sha256(to_json(*platform.hardware).dump(-1, ' ', false, replace) + library);
  platform.name = name_of(platform.processor, platform.threads, precision) + "-" + digest.substr(0, kDigestLength);
  return platform;
}

Platform this_platform(int threads, exec::Precision precision) {
  return platform_of(report_of_this_machine(), threads, precision, exec::library());
}

std::string earlier_name(int threads, exec::Precision precision) {
  const SystemReport& report = report_of_this_machine();
  return name_of(processor_name(report.cpuinfo, report.machine), usable_threads(threads), precision);
}

}  // namespace einet::exec
