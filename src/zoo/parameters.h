#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "zoo/zoo.h"

namespace einet::zoo {

/// A network's parameters: the values given by the user, otherwise the defaults; read with range checks.
class Parameters {
 public:
  /// `network` is named in errors. Throws kUsage if `given` has a name that is not in `known`.
  Parameters(std::string_view network, const std::vector<Parameter>& known,
             const std::map<std::string, std::string>& given);

  /// Whole number in [low, high]. Throws kUsage otherwise.
  int integer(const std::string& name, int low, int high) const;
  /// Like integer(), but "auto" gives `otherwise`.
  int integer_or_auto(const std::string& name, int low, int high, int otherwise) const;
  /// Number in [low, high].
  double real(const std::string& name, double low, double high) const;
  /// "on" or "off".
  bool flag(const std::string& name) const;
  /// One of `choices`.
  std::string choice(const std::string& name, const std::vector<std::string>& choices) const;

 private:
  [[noreturn]] void fail(const std::string& name, const std::string& expected) const;

  std::string network_;
  std::map<std::string, std::string> values_;
};

/// `channels` times `width`, rounded, at least 1.
int scaled(int channels, double width);

}  // namespace einet::zoo
