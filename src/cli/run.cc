#include <chrono>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/answer_json.h"
#include "cli/command.h"
#include "cli/executor_options.h"
#include "cli/image_input.h"
#include "cli/input_file.h"
#include "cli/json_output.h"
#include "cli/parse.h"
#include "cli/planning_options.h"
#include "cli/sample_options.h"
#include "cli/timing_options.h"
#include "einet/einet.h"
#include "runtime/model_parts.h"

namespace einet::cli {
namespace {

struct Options {
  std::string bundle, deadline, slot, persist, every = "5ms";
  std::vector<std::string> inputs;
  ImageInput reading;
  ModelOptions model;
  ExecutorOptions executor;
  std::optional<Publish> publish;
  Initial initial = Initial::kNone;
  int top = 1;
  bool take_over = false, stream = false, json = false;
};

nlohmann::json to_json(const Model& model, const Answer& answer) {
  return answer_json(answer, [&](int label) { return model.label_name(label); });
}

/// `failure` is Session::failure().
void print(const Model& model, const std::string& input, const Answer& answer, std::string_view failure = {}) {
  std::cout << input << ": ";
  if (!answer) {
    std::cout << (failure.empty() ? "none yet" : "none: ") << failure;
    if (answer.is_initial()) {
      std::cout << "; initial answer " << model.label_name(answer.label) << "  " << std::fixed << std::setprecision(1)
                << 100 * answer.confidence << " %";
    }
    std::cout << "\n";
    return;
  }
  std::cout << model.label_name(answer.label) << "  " << std::fixed << std::setprecision(1) << 100 * answer.confidence
            << " %  exit " << answer.exit + 1 << " of " << model.exits() << "  "
            << format_seconds(Seconds(answer.elapsed).count());
  for (const Guess& guess : answer.others) {
    if (guess.label >= 0) std::cout << "  " << model.label_name(guess.label) << " " << 100 * guess.confidence << " %";
  }
  if (!failure.empty()) std::cout << "  (then " << failure << ")";
  std::cout << std::endl;
}

/// What is known about a run when it is over; `last` is what wait() returned.
nlohmann::json end_of_run(const Model& model, const std::string& input, const Session& session, const Answer& last) {
  nlohmann::json json{{"input", input}, {"interrupted", session.state() == RunState::kInterrupted}};
  if (!session.failure().empty()) json["failed"] = session.failure();
  if (last.is_initial()) {
    json["initial"] = {{"label", last.label}, {"name", model.label_name(last.label)}, {"confidence", last.confidence}};
  }
  return json;
}

/// Calls `show` for every answer of the current run, in order, as soon as it is there, until the run ends. Those that
/// were not published, because an earlier one was more confident, are left out. Returns the number of calls.
template <class Show>
int stream(const Session& session, Show show) {
  constexpr std::chrono::microseconds kPause{20};
  std::size_t seen = 0;
  int shown = 0;
  for (bool running = true; running;) {
    running = session.state() == RunState::kRunning;  // Before the answers: none comes after the end of a run.
    for (const Answer& answer : session.answers().subspan(seen)) {
      ++seen;
      if (answer.sequence == 0) continue;
      show(answer);
      ++shown;
    }
    if (running) std::this_thread::sleep_for(kPause);
  }
  return shown;
}

/// Prints the answers of the current run as they come.
void print_stream(const Options& o, const Model& model, const std::string& input, Session& session) {
  const int answers = stream(session, [&](const Answer& answer) {
    if (o.json) {
      nlohmann::json line = to_json(model, answer);
      line["input"] = input;
      print_json_line(line);
    } else {
      print(model, input, answer);
    }
  });
  if (o.json) {
    nlohmann::json line = end_of_run(model, input, session, session.wait());
    line["answers"] = answers;
    print_json_line(line);
  } else if (answers == 0) {
    print(model, input, session.wait(), session.failure());
  }
}

nlohmann::json result(const Model& model, const std::string& input, Session& session) {
  nlohmann::json all = nlohmann::json::array();
  const Answer last = session.wait();
  for (const Answer& answer : session.answers()) all.push_back(to_json(model, answer));
  nlohmann::json json = end_of_run(model, input, session, last);
  json["answer"] = to_json(model, last);
  json["answers"] = all;
  return json;
}

void run(Options& o) {
  const exec::CompileOptions compile = o.executor.compile_options();
  o.model.threads = compile.threads;
  o.model.precision = compile.precision;
  o.model.tune = !o.executor.no_tune;
  std::optional<Duration> limit;
  if (!o.deadline.empty()) limit = parse_positive_time(o.deadline);
  const bundle::Bundle bundle = bundle::load_bundle(o.bundle);
  o.reading.preprocessing.otherwise = bundle.preprocessing;
  o.reading.preprocessing.resolved(bundle.graph.inputs.at(0).shape);  // Wrong options fail before times are measured.
  const auto model = make_model(bundle, o.model);
  print_notes(model->notes());
  std::optional<Seconds> deadline;
  if (limit) deadline = limit->with_horizon(model->horizon().count());
  std::vector<std::vector<float>> images;  // All read before the first run: a bad one stops the command at once.
  for (const std::string& input : o.inputs) images.push_back(read_image(input, bundle, o.reading));
  SessionOptions session_options;
  session_options.deadlines = deadline.has_value();
  session_options.publish = o.publish;
  session_options.top = o.top;
  session_options.initial = o.initial;
  {
    Session first(model, session_options);  // The first run after loading touches memory for the first time.
    first.start(images.front());
    first.wait();
  }
  if (!o.slot.empty()) session_options.slot = SharedSlot::create(o.slot);
  session_options.take_over = o.take_over;
  session_options.persist = o.persist;
  session_options.persist_every = parse_duration(o.every);
  Session session(model, session_options);
  nlohmann::json results = nlohmann::json::array();
  for (std::size_t i = 0; i < images.size(); ++i) {
    session.start(images[i], {.deadline = deadline, .frame = i + 1});
    const std::string name = input_name(o.inputs[i]);
    if (o.stream) {
      print_stream(o, *model, name, session);
    } else if (o.json) {
      results.push_back(result(*model, name, session));
    } else {
      const Answer answer = session.wait();
      print(*model, name, answer, session.failure());
    }
  }
  if (o.json && !o.stream) print_json(results);
  if (const std::string failure = session.persist_failure(); !failure.empty()) {
    throw Error(ErrorKind::kIo, o.persist, failure);
  }
}

}  // namespace

void add_run(CLI::App& app) {
  CLI::App* sub = app.add_subcommand("run", "Classify images, with a deadline or answer by answer");
  auto o = std::make_shared<Options>();
  sub->add_option("bundle", o->bundle, "Bundle (name.einet)")->required();
  sub->add_option(
         "inputs", o->inputs,
         "Pictures, .npy arrays, - for one of these from standard input, or test images such as fashion-mnist:17 "
         "or, of the folder or list that the bundle was profiled on, photos:3")
      ->required();
  sub->add_option(
      "--deadline", o->deadline,
      "Cut off that long after the start, and plan for it: 3ms, or 0.5T for half the horizon; default: never");
  sub->add_option("--top", o->top, "How many classes each answer names, likeliest first: 1 to 5");
  const auto not_empty = [](const std::string& path) { return std::string(path.empty() ? "is empty" : ""); };
  auto* const slot = sub->add_option(
      "--slot", o->slot,
      "Also publish each answer in this file, made where there is none, for einet answer and other processes, for "
      "example in /dev/shm; it survives this process");
  slot->check(not_empty);
  sub->add_flag("--take-over", o->take_over, "Although another process still publishes in the slot")->needs(slot);
  auto* const persist = sub->add_option(
      "--persist", o->persist, "Write the last answer to this file in the background, so that it survives a power cut");
  persist->check(not_empty);
  sub->add_option("--every", o->every, "How often --persist writes")->needs(persist)->capture_default_str();
  sub->add_flag("--stream", o->stream, "Print each answer as it comes; with --json one object per line");
  sub->add_flag(
      "--fit", o->reading.fit,
      "Bring pictures of another size to the network's: the largest centred part, resampled, unless the bundle "
      "or --resize and --crop have another way");
  add_preprocessing_options(*sub, o->reading.preprocessing);
  const std::map<std::string, Publish> publications = {
      {"latest", Publish::kLatest}, {"most-confident", Publish::kMostConfident}, {"combined", Publish::kCombined}};
  sub->add_option_function<std::string>(
         "--publish", [o, publications](const std::string& name) { o->publish = publications.at(name); },
         "Which answer is shown: the latest, the most confident so far, or the combined one of all exits so far; "
         "default: combined where the bundle's weights gain by it, else the latest")
      ->check(CLI::IsMember({"latest", "most-confident", "combined"}));
  const std::map<std::string, Initial> initials = {
      {"none", Initial::kNone}, {"frequent", Initial::kFrequent}, {"previous", Initial::kPrevious}};
  sub->add_option_function<std::string>(
         "--initial", [o, initials](const std::string& name) { o->initial = initials.at(name); },
         "What stands for an answer when a run is cut off before its first: nothing, the most frequent class of the "
         "bundle's samples, or the answer of the previous input (for the frames of a video); default: none")
      ->check(CLI::IsMember({"none", "frequent", "previous"}));
  sub->add_flag_callback(
         "--most-confident", [o] { o->publish = Publish::kMostConfident; }, "The same as --publish most-confident")
      ->excludes("--publish");
  add_distribution_option(*sub, o->model.distribution);
  add_planner_option(*sub, o->model.planner);
  add_measure_option(*sub, o->model.measure);
  add_executor_options(*sub, o->executor);
  add_directory_option(*sub, o->reading.data_directory);
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { run(*o); });
}

}  // namespace einet::cli
