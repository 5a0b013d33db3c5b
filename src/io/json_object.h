#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace einet::io {

/// Parses `bytes`. Throws kInvalidData naming `name` when they are not JSON.
nlohmann::json parse_json(std::string_view bytes, const std::string& name);

/// A view of a JSON object with checked access: a field that is missing, of the wrong type, not finite or out of range
/// throws kInvalidData "<file>: field 'a.b[2].c' …". The JSON must outlive the view.
class JsonObject {
 public:
  /// `name` is the file. Throws when `json` is not an object.
  JsonObject(const nlohmann::json& json, std::string name);

  bool has(std::string_view key) const;
  std::string text(std::string_view key) const;
  std::int64_t integer(std::string_view key, std::int64_t at_least) const;
  double number(std::string_view key, double at_least) const;
  std::vector<double> numbers(std::string_view key, double at_least) const;
  std::vector<std::int64_t> integers(std::string_view key, std::int64_t at_least) const;
  std::vector<std::string> texts(std::string_view key) const;
  JsonObject object(std::string_view key) const;
  std::vector<JsonObject> objects(std::string_view key) const;
  std::vector<std::string> keys() const;

  /// Throws unless "format" is `format` and "version" is one of 1..`newest`.
  void expect_format(std::string_view format, std::int64_t newest) const;
  [[noreturn]] void fail(std::string_view key, std::string_view fault) const;

 private:
  JsonObject(const nlohmann::json& json, std::string name, std::string path);
  const nlohmann::json& at(std::string_view key) const;
  const nlohmann::json& array(std::string_view key) const;

  const nlohmann::json* json_;
  std::string name_;
  std::string path_;
};

}  // namespace einet::io
