#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "plan/decision_table.h"

namespace einet::profile {

/// {"population": [exits], "rows": [{"confidence": [edges], "next": [exits]}, …]}; exits count from 1, 0 = none.
nlohmann::json to_json(const plan::DecisionTable& table);
/// Throws kInvalidData naming `name`: missing fields and what DecisionTable::validate() rejects.
plan::DecisionTable decision_table_from_json(const nlohmann::json& json, const std::string& name);

}  // namespace einet::profile
