#include "zoo/parameters.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/nearest_name.h"
#include "einet/error.h"

namespace einet::zoo {
namespace {

template <class Number>
bool parse(const std::string& text, Number& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end;
}

std::string quoted_list(const std::vector<std::string>& choices) {
  std::string text;
  for (const std::string& choice : choices) text += (text.empty() ? "" : " or ") + ("'" + choice + "'");
  return text;
}

}  // namespace

Parameters::Parameters(std::string_view network, const std::vector<Parameter>& known,
                       const std::map<std::string, std::string>& given)
    : network_(network) {
  std::vector<std::string> names;
  for (const Parameter& parameter : known) {
    names.push_back(parameter.name);
    values_[parameter.name] = parameter.default_value;
  }
  for (const auto& [name, value] : given) {
    if (!values_.contains(name)) {
      const std::string nearest = nearest_name(name, names);
      throw Error(ErrorKind::kUsage, network_,
                  "no parameter '" + name + "'" + (nearest.empty() ? "" : "; did you mean '" + nearest + "'?"));
    }
    values_[name] = value;
  }
}

int Parameters::integer(const std::string& name, int low, int high) const {
  int value = 0;
  if (!parse(values_.at(name), value) || value < low || value > high) {
    fail(name, "a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return value;
}

int Parameters::integer_or_auto(const std::string& name, int low, int high, int otherwise) const {
  return values_.at(name) == "auto" ? otherwise : integer(name, low, high);
}

double Parameters::real(const std::string& name, double low, double high) const {
  double value = 0;
  if (!parse(values_.at(name), value) || !(value >= low && value <= high)) {
    fail(name, "a number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return value;
}

bool Parameters::flag(const std::string& name) const { return choice(name, {"on", "off"}) == "on"; }

std::string Parameters::choice(const std::string& name, const std::vector<std::string>& choices) const {
  const std::string& value = values_.at(name);
  if (std::find(choices.begin(), choices.end(), value) == choices.end()) fail(name, quoted_list(choices));
  return value;
}

void Parameters::fail(const std::string& name, const std::string& expected) const {
  throw Error(ErrorKind::kUsage, network_ + " " + name,
              "'" + values_.at(name) + "' given, but " + expected + " expected");
}

int scaled(int channels, double width) { return std::max(1, static_cast<int>(std::lround(channels * width))); }

}  // namespace einet::zoo
