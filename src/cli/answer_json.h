#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "einet/answer.h"

namespace einet::cli {

/// An answer as einet run and einet answer print it (docs/formats.md, "Answers as lines of JSON"); null for none.
/// `name_of` returns the name of a class.
nlohmann::json answer_json(const Answer& answer, const std::function<std::string(int)>& name_of);

}  // namespace einet::cli
