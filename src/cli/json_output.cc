#include "cli/json_output.h"

#include <iostream>
#include <nlohmann/json.hpp>

namespace einet::cli {
namespace {

constexpr auto kReplace = nlohmann::json::error_handler_t::replace;

}  // namespace

void print_json(const nlohmann::json& json) { std::cout << json.dump(2, ' ', false, kReplace) << '\n'; }

void print_json_line(const nlohmann::json& json) {
  std::cout << json.dump(-1, ' ', false, kReplace) << '\n' << std::flush;
}

}  // namespace einet::cli
