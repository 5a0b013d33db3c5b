#include "einet/zoo/zoo.h"

#include "einet/core/error.h"
#include "families.h"

namespace einet::zoo {
namespace {

void check(const NetworkOptions& options) {
  const auto require = [](bool good, const char* what, const char* why) {
    if (!good) throw Error(ErrorKind::kUsage, what, why);
  };
  require(options.channels >= 1 && options.channels <= 1024, "input channels", "must be from 1 to 1024");
  require(options.height >= 1 && options.height <= 4096, "input height", "must be from 1 to 4096");
  require(options.width >= 1 && options.width <= 4096, "input width", "must be from 1 to 4096");
  require(options.classes >= 2 && options.classes <= 100000, "classes", "must be from 2 to 100000");
}

}  // namespace

const std::vector<Family>& families() {
  static const std::vector<Family> all = {msdnet(), b_alexnet()};
  return all;
}

graph::Graph build(const std::string& name, const NetworkOptions& options) {
  std::vector<std::string> names;
  for (const Family& family : families()) {
    if (family.name == name) {
      check(options);
      return family.build(options);
    }
    names.push_back(family.name);
  }
  const std::string nearest = nearest_name(name, names);
  throw Error(ErrorKind::kUsage, "network '" + name + "'",
              "unknown" + (nearest.empty() ? "; see `einet model list`" : "; did you mean '" + nearest + "'?"));
}

}  // namespace einet::zoo
