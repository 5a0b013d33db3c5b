// /proc/cpuinfo of real machines, shortened to the relevant keys.

#include "exec/hardware.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "exec/platform.h"
#include "io/file.h"
#include "io/temporary_directory.h"

namespace einet::exec {
namespace {

constexpr const char* kXeon =
    "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\nmodel name\t: Intel Xeon Processor\n"
    "stepping\t: 8\ncpu MHz\t\t: 2000.000\nflags\t\t: fpu sse2 avx2 avx512f amx_tile md_clear\nbugs\t\t: spectre_v1\n\n"
    "processor\t: 1\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 143\nmodel name\t: Intel Xeon Processor\n"
    "stepping\t: 8\ncpu MHz\t\t: 2700.000\nflags\t\t: fpu sse2 avx2 avx512f amx_tile md_clear\n";

constexpr const char* kRaspberryPi4 =
    "processor\t: 0\nBogoMIPS\t: 108.00\nFeatures\t: fp asimd evtstrm crc32 cpuid\nCPU implementer\t: 0x41\n"
    "CPU architecture: 8\nCPU variant\t: 0x0\nCPU part\t: 0xd08\nCPU revision\t: 3\n\n"
    "Hardware\t: BCM2835\nRevision\t: c03114\nSerial\t\t: 10000000abcdef01\nModel\t\t: Raspberry Pi 4 Model B Rev "
    "1.4\n";

/// An RK3399: four Cortex-A53, two Cortex-A72; neither model name nor board in cpuinfo.
constexpr const char* kBigLittle =
    "processor\t: 0\nFeatures\t: fp asimd aes\nCPU implementer\t: 0x41\nCPU part\t: 0xd03\nCPU revision\t: 4\n\n"
    "processor\t: 1\nFeatures\t: fp asimd aes\nCPU implementer\t: 0x41\nCPU part\t: 0xd03\nCPU revision\t: 4\n\n"
    "processor\t: 4\nFeatures\t: fp asimd aes\nCPU implementer\t: 0x41\nCPU part\t: 0xd08\nCPU revision\t: 2\n";

constexpr const char* kRiscV =
    "processor\t: 0\nhart\t\t: 2\nisa\t\t: rv64imafdc_zicsr_zba\nmmu\t\t: sv39\nuarch\t\t: sifive,u74-mc\n"
    "mvendorid\t: 0x489\nmarchid\t\t: 0x8000000000000007\n";

SystemReport report(const std::string& cpuinfo, const std::string& machine) {
  SystemReport report;
  report.cpuinfo = cpuinfo;
  report.machine = machine;
  return report;
}

std::string name(const SystemReport& report) {
  return platform_of(report, 1, exec::Precision::kFloat32, "oneDNN 2.6.3").name;
}

TEST(Hardware, OfX86) {
  const Hardware xeon = parse_hardware(report(kXeon, "x86_64"));
  ASSERT_EQ(xeon.cores.size(), 1u);
  EXPECT_EQ(xeon.cores[0].at("model"), "143");
  EXPECT_EQ(xeon.cores[0].at("vendor_id"), "GenuineIntel");
  EXPECT_EQ(xeon.features, (std::vector<std::string>{"amx_tile", "avx2", "avx512f", "sse2"}));
  EXPECT_EQ(hardware_name(report(kXeon, "x86_64")), "Intel Xeon Processor");
}

TEST(Hardware, OfArmBoards) {
  const Hardware pi = parse_hardware(report(kRaspberryPi4, "aarch64"));
  ASSERT_EQ(pi.cores.size(), 1u);
  EXPECT_EQ(pi.cores[0].at("CPU part"), "0xd08");
  EXPECT_EQ(pi.board, "Raspberry Pi 4 Model B Rev 1.4");
  EXPECT_EQ(hardware_name(report(kRaspberryPi4, "aarch64")), "Raspberry Pi 4 Model B Rev 1.4");

  const Hardware both = parse_hardware(report(kBigLittle, "aarch64"));
  ASSERT_EQ(both.cores.size(), 2u);
  EXPECT_EQ(both.cores[0].at("CPU part"), "0xd03");
  EXPECT_EQ(both.cores[1].at("CPU part"), "0xd08");
  EXPECT_EQ(hardware_name(report(kBigLittle, "aarch64")), "aarch64 0x41 0xd03");
  SystemReport with_board = report(kBigLittle, "aarch64");
  with_board.board = "Pine64 RockPro64 v2.1";
  EXPECT_EQ(hardware_name(with_board), "Pine64 RockPro64 v2.1");
}

TEST(Hardware, OfRiscV) {
  const Hardware board = parse_hardware(report(kRiscV, "riscv64"));
  EXPECT_EQ(board.features, (std::vector<std::string>{"rv64imafdc", "zba", "zicsr"}));
  EXPECT_EQ(hardware_name(report(kRiscV, "riscv64")), "riscv64 sifive,u74-mc");
}

TEST(Hardware, OfAnUnknownMachine) {
  EXPECT_EQ(parse_hardware(SystemReport{}), Hardware{});
  EXPECT_EQ(hardware_name(SystemReport{}), "unknown");
}

TEST(Hardware, RoundTripsThroughJson) {
  SystemReport pi = report(kRaspberryPi4, "aarch64");
  pi.caches = {"L1 Data 32K", "L2 Unified 1024K", "L1 Data 32K"};
  pi.max_khz = {1500000, 1500000};
  pi.environment = {{"DNNL_MAX_CPU_ISA", "AVX2"}};
  const Hardware before = parse_hardware(pi);
  EXPECT_EQ(before.caches.size(), 2u);
  EXPECT_EQ(hardware_from_json(nlohmann::json::parse(to_json(before).dump()), "h"), before);
}

/// In earlier versions, each of these had the name of another device.
TEST(PlatformName, DistinguishesMachines) {
  const SystemReport xeon = report(kXeon, "x86_64");
  SystemReport other_model = xeon;
  other_model.cpuinfo.replace(other_model.cpuinfo.find("143"), 3, "207");
  SystemReport without_amx = xeon;
  for (std::size_t at; (at = without_amx.cpuinfo.find(" amx_tile")) != std::string::npos;) {
    without_amx.cpuinfo.erase(at, 9);
  }
  SystemReport larger_cache = xeon, limited = xeon, faster = xeon;
  larger_cache.caches = {"L3 Unified 32768K"};
  limited.environment = {{"DNNL_MAX_CPU_ISA", "AVX2"}};
  faster.max_khz = {4000000};
  for (const SystemReport& other : {other_model, without_amx, larger_cache, limited, faster}) {
    EXPECT_NE(name(other), name(xeon));
  }
  EXPECT_NE(name(report(kBigLittle, "aarch64")), name(report(kRaspberryPi4, "aarch64")));
  EXPECT_TRUE(name(xeon).starts_with("intel-xeon-processor-1t-f32-")) << name(xeon);
  // Clock, security mitigations and the order of processors may change with every boot.
  SystemReport rebooted = xeon;
  rebooted.cpuinfo.replace(rebooted.cpuinfo.find("2000.000"), 8, "2400.000");
  rebooted.cpuinfo.erase(rebooted.cpuinfo.find(" md_clear"), 9);
  EXPECT_EQ(name(rebooted), name(xeon));
  SystemReport longest = xeon;
  longest.board = std::string(500, 'x');
  EXPECT_LE(name(longest).size(), 100u);
  EXPECT_EQ(file_name_safe(name(longest)), name(longest));
}

TEST(SystemReport, ReadsExistingFiles) {
  const TemporaryDirectory root;
  namespace fs = std::filesystem;
  fs::create_directories(root.path() / "proc/device-tree");
  fs::create_directories(root.path() / "sys/devices/system/cpu/cpu0/cache/index0");
  fs::create_directories(root.path() / "sys/devices/system/cpu/cpu0/cpufreq");
  io::write_file(root.path() / "proc/cpuinfo", kBigLittle);
  io::write_file(root.path() / "proc/device-tree/model", std::string("Board X\0", 8));
  io::write_file(root.path() / "sys/devices/system/cpu/cpu0/cache/index0/level", "1\n");
  io::write_file(root.path() / "sys/devices/system/cpu/cpu0/cache/index0/type", "Data\n");
  io::write_file(root.path() / "sys/devices/system/cpu/cpu0/cache/index0/size", "32K\n");
  io::write_file(root.path() / "sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "1800000\n");
  const SystemReport report = read_system_report(root.path());
  EXPECT_EQ(report.cpuinfo, kBigLittle);
  EXPECT_EQ(report.board, "Board X");
  EXPECT_EQ(report.caches, (std::vector<std::string>{"L1 Data 32K"}));
  EXPECT_EQ(report.max_khz, (std::vector<std::int64_t>{1800000}));
  const SystemReport nothing = read_system_report(root.path() / "absent");
  EXPECT_TRUE(nothing.cpuinfo.empty() && nothing.board.empty() && nothing.caches.empty());
}

}  // namespace
}  // namespace einet::exec
