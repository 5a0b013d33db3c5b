#include "io/json_object.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "einet/error.h"

namespace einet::io {
namespace {

std::string element(std::string_view key, std::size_t index) {
  return std::string(key) + "[" + std::to_string(index) + "]";
}

}  // namespace

nlohmann::json parse_json(std::string_view bytes, const std::string& name) {
  try {
    return nlohmann::json::parse(bytes);
  } catch (const nlohmann::json::parse_error& error) {
    throw Error(ErrorKind::kInvalidData, name, "is not valid JSON (at byte " + std::to_string(error.byte) + ")");
  } catch (const nlohmann::json::exception&) {
    throw Error(ErrorKind::kInvalidData, name, "is not valid JSON (a number is out of range)");
  }
}

JsonObject::JsonObject(const nlohmann::json& json, std::string name) : JsonObject(json, std::move(name), "") {}

JsonObject::JsonObject(const nlohmann::json& json, std::string name, std::string path)
    : json_(&json), name_(std::move(name)), path_(std::move(path)) {
  if (json.is_object()) return;
  throw Error(ErrorKind::kInvalidData, name_,
              path_.empty() ? "is not a JSON object" : "field '" + path_ + "' is not an object");
}

void JsonObject::fail(std::string_view key, std::string_view fault) const {
  const std::string where = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  throw Error(ErrorKind::kInvalidData, name_, "field '" + where + "' " + std::string(fault));
}

bool JsonObject::has(std::string_view key) const { return json_->contains(key); }

const nlohmann::json& JsonObject::at(std::string_view key) const {
  const auto found = json_->find(key);
  if (found == json_->end()) fail(key, "is missing");
  return *found;
}

const nlohmann::json& JsonObject::array(std::string_view key) const {
  const nlohmann::json& value = at(key);
  if (!value.is_array()) fail(key, "is not a list");
  return value;
}

namespace {

/// The value, or the fault if there is one.
struct Checked {
  double value = 0;
  std::string fault;
};

Checked check_number(const nlohmann::json& json, double at_least) {
  if (!json.is_number()) return {0, "is not a number"};
  const double value = json.get<double>();
  if (!std::isfinite(value)) return {0, "is not finite"};
  if (value < at_least) return {0, at_least == 0 ? "is negative" : "is too small"};
  return {value, {}};
}

std::string integer_fault(const nlohmann::json& json, std::int64_t at_least) {
  if (!json.is_number_integer()) return "is not a whole number";
  // nlohmann stores values above 2^63 as unsigned; converting them would wrap.
  if (json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t{INT64_MAX}) return "is too large";
  return json.get<std::int64_t>() < at_least ? "is too small" : "";
}

}  // namespace

std::string JsonObject::text(std::string_view key) const {
  const nlohmann::json& value = at(key);
  if (!value.is_string()) fail(key, "is not a string");
  return value.get<std::string>();
}

std::int64_t JsonObject::integer(std::string_view key, std::int64_t at_least) const {
  const nlohmann::json& value = at(key);
  if (const std::string fault = integer_fault(value, at_least); !fault.empty()) fail(key, fault);
  return value.get<std::int64_t>();
}

double JsonObject::number(std::string_view key, double at_least) const {
  const Checked checked = check_number(at(key), at_least);
  if (!checked.fault.empty()) fail(key, checked.fault);
  return checked.value;
}

std::vector<double> JsonObject::numbers(std::string_view key, double at_least) const {
  std::vector<double> values;
  for (const nlohmann::json& item : array(key)) {
    const Checked checked = check_number(item, at_least);
    if (!checked.fault.empty()) fail(element(key, values.size()), checked.fault);
    values.push_back(checked.value);
  }
  return values;
}

std::vector<std::int64_t> JsonObject::integers(std::string_view key, std::int64_t at_least) const {
  std::vector<std::int64_t> values;
  for (const nlohmann::json& item : array(key)) {
    if (const std::string fault = integer_fault(item, at_least); !fault.empty()) {
      fail(element(key, values.size()), fault);
    }
    values.push_back(item.get<std::int64_t>());
  }
  return values;
}

std::vector<std::string> JsonObject::texts(std::string_view key) const {
  std::vector<std::string> values;
  for (const nlohmann::json& item : array(key)) {
    if (!item.is_string()) fail(element(key, values.size()), "is not a string");
    values.push_back(item.get<std::string>());
  }
  return values;
}

JsonObject JsonObject::object(std::string_view key) const {
  return {at(key), name_, path_.empty() ? std::string(key) : path_ + "." + std::string(key)};
}

std::vector<JsonObject> JsonObject::objects(std::string_view key) const {
  std::vector<JsonObject> views;
  const std::string path = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  for (const nlohmann::json& item : array(key)) views.push_back({item, name_, element(path, views.size())});
  return views;
}

std::vector<std::string> JsonObject::keys() const {
  std::vector<std::string> names;
  for (const auto& [key, value] : json_->items()) names.push_back(key);
  return names;
}

void JsonObject::expect_format(std::string_view format, std::int64_t newest) const {
  if (const std::string found = text("format"); found != format) {
    fail("format", "is '" + found + "', expected '" + std::string(format) + "'");
  }
  if (const std::int64_t version = integer("version", 1); version > newest) {
    throw Error(ErrorKind::kInvalidData, name_,
                "format version " + std::to_string(version) + " is newer than " + std::to_string(newest) +
                    ", the latest that this EINet can read");
  }
}

}  // namespace einet::io
