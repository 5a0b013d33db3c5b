#include <atomic>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "command.h"
#include "einet/einet.h"
#include "executor_options.h"
#include "image_input.h"
#include "parse.h"
#include "planning_options.h"
#include "samples.h"

namespace einet::cli {
namespace {

struct Options {
  std::string bundle, deadline, directory;
  std::vector<std::string> inputs;
  ModelOptions model;
  ExecutorOptions executor;
  bool stream = false, most_confident = false, fit = false, json = false;
};

std::string label_text(const Model& model, const Answer& answer) {
  const auto& labels = model.labels();
  return answer.label < static_cast<int>(labels.size()) ? labels[answer.label] : std::to_string(answer.label);
}

nlohmann::json to_json(const Model& model, const Answer& answer) {
  if (!answer) return nullptr;
  return {{"label", answer.label},
          {"name", label_text(model, answer)},
          {"confidence", answer.confidence},
          {"exit", answer.exit + 1},
          {"elapsed_seconds", Seconds(answer.elapsed).count()}};
}

void print(const Model& model, const std::string& input, const Answer& answer) {
  std::cout << input << ": ";
  if (!answer) {
    std::cout << "none yet\n";
    return;
  }
  std::cout << label_text(model, answer) << "  " << std::fixed << std::setprecision(1) << 100 * answer.confidence
            << " %  exit " << answer.exit + 1 << " of " << model.exits() << "  "
            << format_seconds(Seconds(answer.elapsed).count()) << std::endl;
}

/// Prints the answers of the current run as they come, until it ends.
Answer stream(const Model& model, const std::string& input, Session& session) {
  std::uint32_t shown = 0;
  for (bool running = true; running;) {
    running = session.state() == RunState::kRunning;
    const Answer answer = session.latest();
    if (answer && answer.sequence != shown) {
      shown = answer.sequence;
      print(model, input, answer);
    } else if (running) {
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
  }
  return session.wait();
}

void run(Options& o) {
  const exec::CompileOptions compile = o.executor.compile_options();
  o.model.threads = compile.threads;
  o.model.precision = compile.precision;
  o.model.tune = !o.executor.no_tune;
  std::optional<Seconds> deadline;
  if (!o.deadline.empty()) deadline = parse_duration(o.deadline);
  const auto model = Model::load(o.bundle, o.model);
  std::vector<std::vector<float>> images;  // All read before the first run: a bad one stops the command at once.
  for (const std::string& input : o.inputs)
    images.push_back(read_image(input, model->input_shape(), o.directory, o.fit));
  SessionOptions session_options;
  session_options.deadlines = deadline.has_value();
  if (o.most_confident) session_options.publish = Publish::kMostConfident;
  Session session(model, session_options);
  session.start(images.front());  // The first run after loading touches memory for the first time.
  session.wait();
  nlohmann::json results = nlohmann::json::array();
  for (std::size_t i = 0; i < images.size(); ++i) {
    session.start(images[i], deadline);
    const bool show = o.stream && !o.json;
    const Answer answer = show ? stream(*model, o.inputs[i], session) : session.wait();
    if (o.json) {
      nlohmann::json all = nlohmann::json::array();
      for (const Answer& a : session.answers()) all.push_back(to_json(*model, a));
      results.push_back({{"input", o.inputs[i]},
                         {"answer", to_json(*model, answer)},
                         {"answers", all},
                         {"interrupted", session.state() == RunState::kInterrupted}});
    } else if (!show || !answer) {
      print(*model, o.inputs[i], answer);
    }
  }
  if (o.json) std::cout << results.dump(2) << '\n';
}

}  // namespace

void add_run(CLI::App& app) {
  CLI::App* sub = app.add_subcommand("run", "Classify images, with a deadline or answer by answer");
  auto o = std::make_shared<Options>();
  sub->add_option("bundle", o->bundle, "Bundle (name.einet)")->required();
  sub->add_option("inputs", o->inputs, "Pictures, .npy arrays, or test images such as fashion-mnist:17")->required();
  sub->add_option("--deadline", o->deadline, "Cut off that long after the start, such as 3ms; default: never");
  sub->add_flag("--stream", o->stream, "Print each answer as it comes");
  sub->add_flag("--fit", o->fit,
                "Bring pictures of another size to the network's: the largest centred part, resampled");
  sub->add_flag("--most-confident", o->most_confident, "Show the most confident answer so far, not the latest");
  add_distribution_option(*sub, o->model.distribution);
  add_planner_option(*sub, o->model.planner);
  add_executor_options(*sub, o->executor);
  add_directory_option(*sub, o->directory);
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { run(*o); });
}

}  // namespace einet::cli
