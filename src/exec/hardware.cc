// Interprets what Linux reports about a machine. /proc/cpuinfo has paragraphs of "key : value" lines, one per
// processor; ARM boards add one about the board. The keys depend on the architecture.

#include "exec/hardware.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "io/json_object.h"

namespace einet::exec {
namespace {

using Paragraph = std::map<std::string, std::string, std::less<>>;

/// Fields that distinguish kinds of cores, on x86, on ARM and on RISC-V.
constexpr std::array<std::string_view, 12> kCoreKeys = {"vendor_id",       "cpu family", "model",       "stepping",
                                                        "CPU implementer", "CPU part",   "CPU variant", "CPU revision",
                                                        "uarch",           "mvendorid",  "marchid",     "mimpid"};

/// x86 flags of the instruction sets that network kernels use.
constexpr std::array<std::string_view, 9> kInstructionSets = {"sse",  "ssse", "pni", "avx",   "fma",
                                                              "f16c", "amx",  "bmi", "popcnt"};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// Empty values are omitted; of a repeated key the first value is kept.
std::vector<Paragraph> paragraphs(std::string_view cpuinfo) {
  std::vector<Paragraph> result(1);
  while (!cpuinfo.empty()) {
    const std::size_t end = cpuinfo.find('\n');
    const std::string_view line = trimmed(cpuinfo.substr(0, end));
    cpuinfo = end == std::string_view::npos ? std::string_view{} : cpuinfo.substr(end + 1);
    if (line.empty()) {
      if (!result.back().empty()) result.emplace_back();
      continue;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (!value.empty()) result.back().emplace(trimmed(line.substr(0, colon)), value);
  }
  return result;
}

/// The first value of `key`, or "".
std::string first(const std::vector<Paragraph>& paragraphs, std::string_view key) {
  for (const Paragraph& paragraph : paragraphs) {
    if (const auto found = paragraph.find(key); found != paragraph.end()) return found->second;
  }
  return {};
}

void add_words(std::string_view text, std::string_view separators, std::set<std::string>& words) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) words.emplace(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::vector<std::string> features_of(const std::vector<Paragraph>& paragraphs) {
  std::set<std::string> flags, others;
  for (const Paragraph& paragraph : paragraphs) {
    if (const auto x86 = paragraph.find("flags"); x86 != paragraph.end()) add_words(x86->second, " ", flags);
    if (const auto arm = paragraph.find("Features"); arm != paragraph.end()) add_words(arm->second, " ", others);
    if (const auto riscv = paragraph.find("isa"); riscv != paragraph.end()) add_words(riscv->second, "_", others);
  }
  for (const std::string& flag : flags) {
    const auto names = [&](std::string_view prefix) { return flag.starts_with(prefix); };
    if (std::ranges::any_of(kInstructionSets, names)) others.insert(flag);
  }
  return {others.begin(), others.end()};
}

template <class T>
std::vector<T> distinct(std::vector<T> values) {
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

std::map<std::string, std::string> texts_from_json(const io::JsonObject& object) {
  std::map<std::string, std::string> texts;
  for (const std::string& key : object.keys()) texts[key] = object.text(key);
  return texts;
}

}  // namespace

std::string processor_name(std::string_view cpuinfo, std::string_view machine) {
  const std::vector<Paragraph> all = paragraphs(cpuinfo);
  for (const std::string_view key : {"model name", "Model", "Hardware"}) {
    if (std::string value = first(all, key); !value.empty()) return value;
  }
  return machine.empty() ? "unknown" : std::string(machine);
}

std::string hardware_name(const SystemReport& report) {
  const Hardware hardware = parse_hardware(report);
  if (!hardware.board.empty()) return hardware.board;
  std::string name = processor_name(report.cpuinfo, report.machine);
  if (name != report.machine || hardware.cores.empty()) return name;
  for (const auto& [key, value] : hardware.cores.front()) {
    if (key == "CPU implementer" || key == "CPU part" || key == "uarch") name += " " + value;
  }
  return name;
}

Hardware parse_hardware(const SystemReport& report) {
  const std::vector<Paragraph> all = paragraphs(report.cpuinfo);
  Hardware hardware;
  for (const Paragraph& paragraph : all) {
    std::map<std::string, std::string> core;
    for (const std::string_view key : kCoreKeys) {
      if (const auto found = paragraph.find(key); found != paragraph.end()) core.emplace(key, found->second);
    }
    if (!core.empty()) hardware.cores.push_back(std::move(core));
  }
  hardware.cores = distinct(std::move(hardware.cores));
  hardware.features = features_of(all);
  hardware.caches = distinct(report.caches);
  hardware.max_khz = distinct(report.max_khz);
  hardware.board = report.board.empty() ? first(all, "Model") : report.board;
  hardware.limits = report.environment;
  return hardware;
}

nlohmann::json to_json(const Hardware& hardware) {
  return {{"cores", hardware.cores},     {"features", hardware.features}, {"caches", hardware.caches},
          {"max_khz", hardware.max_khz}, {"board", hardware.board},       {"limits", hardware.limits}};
}

Hardware hardware_from_json(const nlohmann::json& json, const std::string& name) {
  const io::JsonObject object(json, name);
  Hardware hardware;
  for (const io::JsonObject& core : object.objects("cores")) hardware.cores.push_back(texts_from_json(core));
  hardware.features = object.texts("features");
  hardware.caches = object.texts("caches");
  hardware.max_khz = object.integers("max_khz", 1);
  hardware.board = object.text("board");
  hardware.limits = texts_from_json(object.object("limits"));
  return hardware;
}

}  // namespace einet::exec
