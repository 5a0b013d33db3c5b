#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace einet::exec {

/// What Linux reports about a machine, unparsed. Separate from its interpretation, so that reports of other machines
/// can also be interpreted.
struct SystemReport {
  std::string cpuinfo;                             ///< /proc/cpuinfo
  std::string machine;                             ///< uname -m
  std::string board;                               ///< /proc/device-tree/model, if there is a device tree.
  std::vector<std::string> caches;                 ///< "L1 Data 32K", one for each cache of each processor.
  std::vector<std::int64_t> max_khz;               ///< Maximum frequency of each processor; empty if unknown.
  std::map<std::string, std::string> environment;  ///< The variables of environment_limits() that are set.
};

/// Reads the files below `root`; fields of unreadable files remain empty.
SystemReport read_system_report(const std::filesystem::path& root = "/");

/// The environment variables that limit or control which code the executor's library uses, such as DNNL_MAX_CPU_ISA.
const std::vector<std::string>& environment_limits();

/// The properties of a machine that affect the speed of networks. Machines with equal Hardware are assumed to be
/// equally fast.
struct Hardware {
  /// Vendor, family, model and stepping (x86), implementer, part, variant and revision (ARM), or similar, with their
  /// names in /proc/cpuinfo: one entry for each distinct kind of core, in ascending order.
  std::vector<std::map<std::string, std::string>> cores;
  /// Instruction sets, sorted. Of the x86 flags only those for vectors and arithmetic: others depend on the kernel and
  /// its security settings.
  std::vector<std::string> features;
  std::vector<std::string> caches;            ///< Distinct ones, sorted.
  std::vector<std::int64_t> max_khz;          ///< Distinct ones, ascending.
  std::string board;                          ///< From the device tree, else "Model" in /proc/cpuinfo; "" if unknown.
  std::map<std::string, std::string> limits;  ///< Environment variables in force (environment_limits()).

  bool operator==(const Hardware&) const = default;
};

Hardware parse_hardware(const SystemReport& report);

nlohmann::json to_json(const Hardware& hardware);
/// Throws kInvalidData naming `name`.
Hardware hardware_from_json(const nlohmann::json& json, const std::string& name);

/// The name of the processor in Linux' /proc/cpuinfo: "model name" (x86), else the board's "Model" or "Hardware" (ARM),
/// else `machine` (the output of uname -m), else "unknown".
std::string processor_name(std::string_view cpuinfo, std::string_view machine);

/// A name for display: the board if known, else processor_name(); if that is only the architecture, followed by the
/// codes of the cores: "aarch64 0x41 0xd0c".
std::string hardware_name(const SystemReport& report);

}  // namespace einet::exec
