#include "exec/platform.h"

#include <gtest/gtest.h>

namespace einet::exec {
namespace {

TEST(ProcessorName, IsTheModelNameOnX86) {
  const char* cpuinfo =
      "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel\t\t: 142\n"
      "model name\t: Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz\n\n"
      "processor\t: 1\nmodel name\t: another\n";
  EXPECT_EQ(processor_name(cpuinfo, "x86_64"), "Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz");
}

TEST(ProcessorName, IsTheBoardOnArm) {
  const char* cpuinfo =
      "processor\t: 0\nBogoMIPS\t: 108.00\nHardware\t: BCM2835\nModel\t\t: Raspberry Pi 4 Model B Rev 1.4\n";
  EXPECT_EQ(processor_name(cpuinfo, "aarch64"), "Raspberry Pi 4 Model B Rev 1.4");
  EXPECT_EQ(processor_name("Hardware\t: BCM2835", "aarch64"), "BCM2835");
}

TEST(ProcessorName, IsTheMachineIfNothingElseIsKnown) {
  EXPECT_EQ(processor_name("", "aarch64"), "aarch64");
  EXPECT_EQ(processor_name("model name\t:\n", "riscv64"), "riscv64");
  EXPECT_EQ(processor_name("", ""), "unknown");
}

TEST(FileNameSafe, HasOnlyLettersDigitsDotsAndDashes) {
  EXPECT_EQ(file_name_safe("Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz"), "intel-core-i7-8650u-cpu-1.90ghz");
  EXPECT_EQ(file_name_safe("../../etc/passwd"), "etc-passwd");
  EXPECT_EQ(file_name_safe("..."), "unknown");
  EXPECT_EQ(file_name_safe(""), "unknown");
  EXPECT_EQ(file_name_safe("caf\xc3\xa9\n\t"), "caf");
  EXPECT_EQ(file_name_safe(std::string(500, 'x')).size(), 100u);
}

TEST(FileNameSafe, KeepsSafeNames) {
  for (const char* text : {"Intel(R) Xeon(R) Processor", "--a--b..c--", "Raspberry Pi 4 Model B Rev 1.4"}) {
    EXPECT_EQ(file_name_safe(file_name_safe(text)), file_name_safe(text));
  }
}

TEST(ThisPlatform, IsComplete) {
  const Platform platform = this_platform();
  EXPECT_FALSE(platform.processor.empty());
  EXPECT_FALSE(platform.library.empty());
  EXPECT_NE(platform.name.find("-1t-f32-"), std::string::npos) << platform.name;
  EXPECT_TRUE(platform.name.starts_with(earlier_name() + "-") || !platform.hardware->board.empty()) << platform.name;
  EXPECT_EQ(this_platform().name, platform.name);
  EXPECT_NE(this_platform(1, exec::Precision::kBfloat16).name, platform.name);
  EXPECT_EQ(file_name_safe(platform.name), platform.name);
}

}  // namespace
}  // namespace einet::exec
