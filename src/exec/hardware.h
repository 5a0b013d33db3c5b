#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace einet::exec {

/// What Linux reports about a machine, unparsed. Separate from its interpretation, so that the reports of other
/// machines can be interpreted too.
struct SystemReport {
  std::string cpuinfo;                             ///< /proc/cpuinfo
  std::string machine;                             ///< uname -m
  std::string board;                               ///< /proc/device-tree/model, where there is a device tree.
  std::vector<std::string> caches;                 ///< "L1 Data 32K", one for each cache of each processor.
  std::vector<std::int64_t> max_khz;               ///< Maximum frequency of each processor; empty when unknown.
  std::map<std::string, std::string> environment;  ///< The variables of environment_limits() that are set.
};

/// Reads the files below `root`; what cannot be read stays empty.
SystemReport read_system_report(const std::filesystem::path& root = "/");

/// The environment variables that limit or steer what the executor's library compiles, such as DNNL_MAX_CPU_ISA.
const std::vector<std::string>& environment_limits();

/// What the speed of a network depends on. Two machines with equal Hardware are taken to be equally fast.
struct Hardware {
  /// Vendor, family, model and stepping (x86), implementer, part, variant and revision (ARM), or the like, under their
  /// names in /proc/cpuinfo: one entry for each distinct kind of core, in ascending order.
  std::vector<std::map<std::string, std::string>> cores;
  /// Instruction sets, sorted. Of x86's flags only those with vectors and arithmetic: others come and go with kernels
  /// and their security settings.
  std::vector<std::string> features;
  std::vector<std::string> caches;            ///< Distinct ones, sorted.
  std::vector<std::int64_t> max_khz;          ///< Distinct ones, ascending.
  std::string board;                          ///< Of the device tree, else "Model" of /proc/cpuinfo; "" when unknown.
  std::map<std::string, std::string> limits;  ///< Environment variables in force (environment_limits()).

  bool operator==(const Hardware&) const = default;
};

Hardware parse_hardware(const SystemReport& report);

nlohmann::json to_json(const Hardware& hardware);
/// Throws kInvalidData naming `name`.
Hardware hardware_from_json(const nlohmann::json& json, const std::string& name);

/// The processor as Linux' /proc/cpuinfo calls it: "model name" (x86), else the board's "Model" or "Hardware" (ARM),
/// else `machine` (as uname -m says), else "unknown".
std::string processor_name(std::string_view cpuinfo, std::string_view machine);

/// A name for people: the board where it is known, else processor_name(); where that is but the architecture, with the
/// codes of the cores: "aarch64 0x41 0xd0c".
std::string hardware_name(const SystemReport& report);

}  // namespace einet::exec
