#include "io/json_object.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "einet/error.h"

namespace einet::io {
namespace {

/// The message of the Error that `use` throws; "" if it throws none.
template <class Use>
std::string message(Use use) {
  try {
    use();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInvalidData);
    return error.what();
  }
  return "";
}

TEST(ParseJson, NamesTheFileAndTheByte) {
  EXPECT_EQ(message([] { parse_json("{\"a\": ", "f.json"); }), "f.json: is not valid JSON (at byte 7)");
  EXPECT_EQ(message([] { parse_json("[1e999]", "f.json"); }), "f.json: is not valid JSON (a number is out of range)");
}

TEST(JsonObject, ReturnsFields) {
  const auto json = parse_json(R"({"t": "x", "i": 3, "n": 0.5, "l": [1, 2.5], "o": {"k": [{"v": 1}, {"v": 2}]}})", "f");
  const JsonObject object(json, "f");
  EXPECT_EQ(object.text("t"), "x");
  EXPECT_EQ(object.integer("i", 0), 3);
  EXPECT_EQ(object.number("n", 0), 0.5);
  EXPECT_EQ(object.numbers("l", 0), (std::vector<double>{1, 2.5}));
  EXPECT_EQ(object.object("o").objects("k").at(1).integer("v", 0), 2);
  EXPECT_TRUE(object.has("t"));
  EXPECT_FALSE(object.has("u"));
}

TEST(JsonObject, ErrorsNameTheField) {
  const auto json = parse_json(
      R"({"n": -1, "s": "x", "h": 18446744073709551615, "l": [1, null], "r": 1.5, "o": {"k": [{"v": "x"}]}})", "f");
  const JsonObject object(json, "f");
  EXPECT_EQ(message([&] { object.number("x", 0); }), "f: field 'x' is missing");
  EXPECT_EQ(message([&] { object.number("s", 0); }), "f: field 's' is not a number");
  EXPECT_EQ(message([&] { object.number("n", 0); }), "f: field 'n' is negative");
  EXPECT_EQ(message([&] { object.text("n"); }), "f: field 'n' is not a string");
  EXPECT_EQ(message([&] { object.integer("h", 0); }), "f: field 'h' is too large");
  EXPECT_EQ(message([&] { object.integer("r", 0); }), "f: field 'r' is not a whole number");
  EXPECT_EQ(message([&] { object.integer("n", 1); }), "f: field 'n' is too small");
  EXPECT_EQ(message([&] { object.numbers("l", 0); }), "f: field 'l[1]' is not a number");
  EXPECT_EQ(message([&] { object.numbers("s", 0); }), "f: field 's' is not a list");
  EXPECT_EQ(message([&] { object.object("l"); }), "f: field 'l' is not an object");
  EXPECT_EQ(message([&] { object.object("o").objects("k").at(0).number("v", 0); }),
            "f: field 'o.k[0].v' is not a number");
  EXPECT_EQ(message([] { JsonObject(nlohmann::json::array(), "f"); }), "f: is not a JSON object");
}

TEST(JsonObject, ChecksFormatAndVersion) {
  const auto json = parse_json(R"({"format": "a", "version": 2})", "f");
  const JsonObject object(json, "f");
  object.expect_format("a", 2);
  EXPECT_EQ(message([&] { object.expect_format("b", 2); }), "f: field 'format' is 'a', expected 'b'");
  EXPECT_EQ(message([&] { object.expect_format("a", 1); }),
            "f: format version 2 is newer than 1, the latest that this EINet can read");
}

}  // namespace
}  // namespace einet::io
