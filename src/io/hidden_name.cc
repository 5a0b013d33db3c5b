#include "io/hidden_name.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "io/posix.h"

namespace einet::io {
namespace {

constexpr std::size_t kLongestName = 200;  // File names may have 255 bytes; the rest is for the additions.

std::string stem(const std::filesystem::path& path) {
  std::string text(".");
  return text.append(path.filename().string(), 0, kLongestName).append(".");
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::filesystem::path name_beside(const std::filesystem::path& path, std::string_view suffix) {
  static std::atomic<unsigned> count{0};
  std::string name = stem(path);
  name.append(std::to_string(::getpid())).append("-").append(std::to_string(++count)).append(".").append(suffix);
  return folder_of(path) / name;
}

bool is_name_beside(const std::filesystem::path& path, std::string_view suffix, const std::string& name) {
  const std::string begin = stem(path);
  const std::string end = std::string(".").append(suffix);
  if (!name.starts_with(begin) || !name.ends_with(end) || name.size() <= begin.size() + end.size()) return false;
  const std::string_view numbers = std::string_view(name).substr(begin.size(), name.size() - begin.size() - end.size());
  const std::size_t dash = numbers.find('-');
  return dash != std::string_view::npos && all_digits(numbers.substr(0, dash)) && all_digits(numbers.substr(dash + 1));
}

std::filesystem::path lock_name(const std::filesystem::path& path) { return folder_of(path) / (stem(path) + "lock"); }

}  // namespace einet::io
