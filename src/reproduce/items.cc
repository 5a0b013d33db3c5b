#include "reproduce/items.h"

#include <algorithm>
#include <iterator>

#include "core/nearest_name.h"
#include "einet/error.h"

namespace einet::reproduce {

const std::vector<Item>& items() {
  static const std::vector<Item> all = {
      table2(), figure3(), figure7(), figure8(), figure9(), figure10(), figure11(), figure12(), today(),
  };
  return all;
}

std::vector<std::string> bundles_of(const std::vector<Item>& items) {
  std::vector<std::string> names;
  for (const Item& item : items) {
    for (const std::string& name : item.bundles) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

std::vector<Item> items(const std::vector<std::string>& names) {
  const std::vector<Item>& all = items();
  if (names.empty()) return all;
  std::vector<std::string> known;
  std::string list;
  for (const Item& item : all) {
    known.push_back(item.name);
    list += (list.empty() ? "" : ", ") + item.name;
  }
  for (const std::string& name : names) {
    if (std::ranges::find(known, name) != known.end()) continue;
    const std::string near = nearest_name(name, known);
    throw Error(ErrorKind::kUsage, name,
                (near.empty() ? "unknown item" : "unknown item; did you mean " + near + "?") +
                    std::string(" (there are ") + list + ")");
  }
  std::vector<Item> chosen;
  std::ranges::copy_if(all, std::back_inserter(chosen),
                       [&](const Item& item) { return std::ranges::find(names, item.name) != names.end(); });
  return chosen;
}

}  // namespace einet::reproduce
