#include "serve/rest/strict_json.h"

#include <string>
#include <utility>
#include <vector>

#include "serve/refusal.h"

namespace einet::serve {
namespace {

using nlohmann::json;

/// Builds the document from the events of nlohmann's parser.
class Builder final : public nlohmann::json_sax<json> {
 public:
  json take() { return std::move(root_); }
  const std::string& fault() const { return fault_; }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (open_.back()->contains(name)) return fail("the JSON has a member twice in one object");
    name_ = name;
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
    constexpr int kOutOfRange = 406;
    if (error.id == kOutOfRange) return fail("the JSON has a number that is out of range");
    return fail("the JSON is malformed at byte " + std::to_string(position));
  }

 private:
  bool fail(const char* fault) { return fail(std::string(fault)); }
  bool fail(std::string fault) {
    fault_ = std::move(fault);
    return false;
  }

  /// Where the next value belongs.
  json& place(json&& value) {
    if (open_.empty()) return root_ = std::move(value);
    json& parent = *open_.back();
    if (parent.is_object()) return parent[name_] = std::move(value);
    parent.push_back(std::move(value));
    return parent.back();
  }
  bool add(json&& value) {
    place(std::move(value));
    return true;
  }
  bool open(json&& value) {
    if (open_.size() == kMostDepth) return fail("the JSON is nested too deeply");
    open_.push_back(&place(std::move(value)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  json root_;
  std::vector<json*> open_;  ///< Unfinished arrays and objects; parents are not changed while their children are open.
  std::string name_;         ///< Of the next member.
  std::string fault_;
};

}  // namespace

json parse_object(std::string_view text) {
  Builder builder;
  if (!json::sax_parse(text.begin(), text.end(), &builder)) throw RequestError(Refusal::kInvalid, builder.fault());
  json document = builder.take();
  if (!document.is_object()) throw RequestError(Refusal::kInvalid, "the request is not a JSON object");
  return document;
}

}  // namespace einet::serve
