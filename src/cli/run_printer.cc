#include "cli/run_printer.h"

#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/answer_json.h"
#include "cli/json_output.h"
#include "cli/parse.h"

namespace einet::cli {

std::string RunPrinter::name(int label) const { return bundle::label_name(bundle_.labels, label); }

nlohmann::json RunPrinter::to_json(const Answer& answer) const {
  return answer_json(answer, [&](int label) { return name(label); });
}

/// The JSON at the end of a run; `last` is the result of wait().
nlohmann::json RunPrinter::end_of_run(const std::string& input, const Runner& runner, const Answer& last) const {
  nlohmann::json json{{"input", input}, {"interrupted", runner.state() == RunState::kInterrupted}};
  if (const std::string failure = runner.failure(); !failure.empty()) json["failed"] = failure;
  if (last.is_initial()) {
    json["initial"] = {{"label", last.label}, {"name", name(last.label)}, {"confidence", last.confidence}};
  }
  return json;
}

void RunPrinter::print(const std::string& input, const Answer& answer, std::string_view failure) const {
  std::cout << input << ": ";
  if (!answer) {
    std::cout << (failure.empty() ? "none yet" : "none: ") << failure;
    if (answer.is_initial()) {
      std::cout << "; initial answer " << name(answer.label) << "  " << std::fixed << std::setprecision(1)
                << 100 * answer.confidence << " %";
    }
    std::cout << "\n";
    return;
  }
  std::cout << name(answer.label) << "  " << std::fixed << std::setprecision(1) << 100 * answer.confidence
            << " %  exit " << answer.exit + 1 << " of " << bundle_.exits() << "  "
            << format_seconds(Seconds(answer.elapsed).count());
  for (const Guess& guess : answer.others) {
    if (guess.label >= 0) std::cout << "  " << name(guess.label) << " " << 100 * guess.confidence << " %";
  }
  if (!failure.empty()) std::cout << "  (then " << failure << ")";
  std::cout << std::endl;
}

void RunPrinter::stream(const std::string& input, Runner& runner) const {
  int answers = 0;
  runner.stream([&](const Answer& answer) {
    ++answers;
    if (json_) {
      nlohmann::json line = to_json(answer);
      line["input"] = input;
      print_json_line(line);
    } else {
      print(input, answer);
    }
  });
  const Answer last = runner.wait();
  if (json_) {
    nlohmann::json line = end_of_run(input, runner, last);
    line["answers"] = answers;
    print_json_line(line);
  } else if (answers == 0) {
    print(input, last, runner.failure());
  } else if (const std::string failure = runner.failure(); !failure.empty()) {
    std::cout << input << ": then " << failure << std::endl;
  }
}

nlohmann::json RunPrinter::result(const std::string& input, Runner& runner) const {
  const Answer last = runner.wait();
  nlohmann::json all = nlohmann::json::array();
  for (const Answer& answer : runner.answers()) all.push_back(to_json(answer));
  nlohmann::json json = end_of_run(input, runner, last);
  json["answer"] = to_json(last);
  json["answers"] = all;
  return json;
}

}  // namespace einet::cli
