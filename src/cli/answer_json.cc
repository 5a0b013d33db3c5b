#include "cli/answer_json.h"

#include <nlohmann/json.hpp>

namespace einet::cli {

nlohmann::json answer_json(const Answer& answer, const std::function<std::string(int)>& name_of) {
  if (!answer) return nullptr;
  nlohmann::json json{{"label", answer.label},
                      {"name", name_of(answer.label)},
                      {"confidence", answer.confidence},
                      {"exit", answer.exit + 1},
                      {"elapsed_seconds", Seconds(answer.elapsed).count()}};
  for (const Guess& guess : answer.others) {
    if (guess.label < 0) break;
    json["others"].push_back(
        {{"label", guess.label}, {"name", name_of(guess.label)}, {"confidence", guess.confidence}});
  }
  return json;
}

}  // namespace einet::cli
