// /proc/self/cgroup names the group of this process in each hierarchy, /proc/self/mountinfo where the hierarchies are
// mounted. A quota in any group on the way up to the mount limits the process:
//
//   version 2   cpu.max                                 "150000 100000": 1.5 processors; "max 100000": no quota
//   version 1   cpu.cfs_quota_us, cpu.cfs_period_us     "150000" and "100000"; "-1": no quota
//
// In a container the mount often begins at the container's own group, while /proc/self/cgroup may name the group as
// seen by the host. Groups that do not exist below the mount are skipped on the way up.

#include "core/cpu_quota.h"

#include <algorithm>
#include <limits>
#include <sstream>
#include <string_view>

namespace einet {
namespace {

constexpr double kNone = std::numeric_limits<double>::infinity();

bool lists(const std::string& list, const std::string& word) {
  return ("," + list + ",").find("," + word + ",") != std::string::npos;
}

double ratio(double quota, double period) { return quota > 0 && period > 0 ? quota / period : kNone; }

double number(const std::optional<std::string>& text) {
  double value = 0.0;
  return text && std::istringstream(*text) >> value ? value : 0.0;
}

double quota_v2(const ReadFile& read, const std::string& group) {
  const std::optional<std::string> text = read(group + "/cpu.max");
  double quota = 0.0, period = 0.0;
  return text && std::istringstream(*text) >> quota >> period ? ratio(quota, period) : kNone;
}

double quota_v1(const ReadFile& read, const std::string& group) {
  return ratio(number(read(group + "/cpu.cfs_quota_us")), number(read(group + "/cpu.cfs_period_us")));
}

// Where a hierarchy is mounted, and which of its groups is the root of the mount.
struct Mount {
  std::string point, root;
  bool v2 = false;
};

// "36 25 0:31 ROOT POINT rw,relatime [optional fields] - cgroup2 cgroup2 rw,nsdelegate"
std::optional<Mount> parse_mount(const std::string& line) {
  std::istringstream words(line);
  std::string skipped, type;
  Mount mount;
  words >> skipped >> skipped >> skipped >> mount.root >> mount.point;
  while (words >> skipped && skipped != "-") {
  }
  std::string source, options;
  if (!(words >> type >> source >> options)) return std::nullopt;
  mount.v2 = type == "cgroup2";
  if (!mount.v2 && (type != "cgroup" || !lists(options, "cpu"))) return std::nullopt;
  return mount;
}

// The group of this process, from lines "NUMBER:CONTROLLERS:GROUP"; version 2 is "0::GROUP".
std::string group_of_this_process(const std::string& cgroups, bool v2) {
  std::istringstream lines(cgroups);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    if (v2 ? controllers.empty() : lists(controllers, "cpu")) return line.substr(second + 1);
  }
  return "";
}

// `group` as a path below the mount: "" for the group at its root.
std::string below(const Mount& mount, std::string group) {
  if (mount.root != "/" && (group + "/").starts_with(mount.root + "/")) group.erase(0, mount.root.size());
  if (group.find("..") != std::string::npos || group == "/") return "";
  return group;
}

}  // namespace

double cpu_quota(const ReadFile& read) {
  const std::string cgroups = read("/proc/self/cgroup").value_or("");
  std::istringstream mounts(read("/proc/self/mountinfo").value_or(""));
  double least = kNone;
  for (std::string line; std::getline(mounts, line);) {
    const std::optional<Mount> mount = parse_mount(line);
    if (!mount) continue;
    std::string group = below(*mount, group_of_this_process(cgroups, mount->v2));
    for (;; group.erase(group.rfind('/'))) {
      least = std::min(least, (mount->v2 ? quota_v2 : quota_v1)(read, mount->point + group));
      if (group.find('/') == std::string::npos) break;
    }
  }
  return least;
}

}  // namespace einet
