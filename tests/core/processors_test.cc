#include "core/processors.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <limits>
#include <map>
#include <thread>

#include "core/cpu_quota.h"

namespace einet {
namespace {

constexpr double kNone = std::numeric_limits<double>::infinity();

double quota(const std::map<std::string, std::string>& files) {
  return cpu_quota([&](const std::string& path) -> std::optional<std::string> {
    const auto found = files.find(path);
    if (found == files.end()) return std::nullopt;
    return found->second;
  });
}

const std::string kMountV2 =
    "25 30 0:22 / /proc rw - proc proc rw\n"
    "35 25 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
const std::string kMountV1 =
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct\n"
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n";

TEST(CpuQuota, NoneWithoutControlGroups) {
  EXPECT_EQ(quota({}), kNone);
  EXPECT_EQ(quota({{"/proc/self/cgroup", "0::/\n"}, {"/proc/self/mountinfo", kMountV2}}), kNone);
}

TEST(CpuQuota, Version2) {
  std::map<std::string, std::string> files = {{"/proc/self/cgroup", "0::/user.slice/job.scope\n"},
                                              {"/proc/self/mountinfo", kMountV2},
                                              {"/sys/fs/cgroup/user.slice/job.scope/cpu.max", "150000 100000\n"}};
  EXPECT_EQ(quota(files), 1.5);
  files["/sys/fs/cgroup/user.slice/job.scope/cpu.max"] = "max 100000\n";
  EXPECT_EQ(quota(files), kNone);
  files["/sys/fs/cgroup/user.slice/cpu.max"] = "300000 100000\n";
  EXPECT_EQ(quota(files), 3.0) << "the quota of a parent group applies";
  files["/sys/fs/cgroup/user.slice/job.scope/cpu.max"] = "400000 100000\n";
  EXPECT_EQ(quota(files), 3.0) << "the smallest quota applies";
}

// In its own namespace, a container is in the root group.
TEST(CpuQuota, Version2InAContainer) {
  EXPECT_EQ(quota({{"/proc/self/cgroup", "0::/\n"},
                   {"/proc/self/mountinfo", kMountV2},
                   {"/sys/fs/cgroup/cpu.max", "50000 100000\n"}}),
            0.5);
}

TEST(CpuQuota, Version1) {
  std::map<std::string, std::string> files = {
      {"/proc/self/cgroup", "4:memory:/other\n3:cpu,cpuacct:/a/b\n0::/\n"},
      {"/proc/self/mountinfo", kMountV1},
      {"/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us", "-1\n"},
      {"/sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us", "100000\n"},
  };
  EXPECT_EQ(quota(files), kNone);
  files["/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us"] = "25000\n";
  files["/sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us"] = "10000\n";
  EXPECT_EQ(quota(files), 2.5);
}

// The path of the group is that of the host; the root of the mount is the group itself, or not stated.
TEST(CpuQuota, Version1InAContainer) {
  for (const std::string root : {"/docker/0123", "/"}) {
    EXPECT_EQ(quota({{"/proc/self/cgroup", "2:cpu:/docker/0123\n"},
                     {"/proc/self/mountinfo",
                      "32 31 0:29 " + root + " /sys/fs/cgroup/cpu ro master:3 - cgroup cgroup rw,cpu\n"},
                     {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n"},
                     {"/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}}),
              2.0);
  }
}

TEST(CpuQuota, BothVersionsAtOnce) {
  EXPECT_EQ(quota({{"/proc/self/cgroup", "3:cpu,cpuacct:/\n0::/x\n"},
                   {"/proc/self/mountinfo", kMountV1 + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"},
                   {"/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "400000\n"},
                   {"/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"},
                   {"/sys/fs/cgroup/unified/x/cpu.max", "100000 100000\n"}}),
            1.0);
}

TEST(CpuQuota, IgnoresUnreadableFiles) {
  for (const std::string text : {"", "nonsense", "100000", "0 0", "-5 100000", "100000 0"}) {
    EXPECT_EQ(quota({{"/proc/self/cgroup", "0::/\n"},
                     {"/proc/self/mountinfo", "half a line\n" + kMountV2},
                     {"/sys/fs/cgroup/cpu.max", text}}),
              kNone)
        << text;
  }
}

TEST(Processors, AtLeastOneAndNoMoreThanTheMask) {
  cpu_set_t mask;
  ASSERT_EQ(::sched_getaffinity(0, sizeof mask, &mask), 0);
  const int available = available_processors();
  EXPECT_GE(available, 1);
  EXPECT_LE(available, CPU_COUNT(&mask));
  EXPECT_EQ(usable_threads(1), 1);
  EXPECT_EQ(usable_threads(available), available);
  EXPECT_EQ(usable_threads(1024), std::min(1024, available));
}

TEST(Processors, StayTheSameOnAPinnedThread) {
  const int available = available_processors();
  std::thread([available] {
    cpu_set_t mask, one;
    ASSERT_EQ(::sched_getaffinity(0, sizeof mask, &mask), 0);
    int cpu = 0;
    while (!CPU_ISSET(cpu, &mask)) ++cpu;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(available_processors(), available);
  }).join();
}

}  // namespace
}  // namespace einet
