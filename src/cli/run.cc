#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/image_input.h"
#include "cli/input_file.h"
#include "cli/json_output.h"
#include "cli/parse.h"
#include "cli/run_printer.h"
#include "cli/runner.h"
#include "cli/sample_options.h"
#include "cli/session_options.h"
#include "cli/timing_options.h"
#include "einet/error.h"

namespace einet::cli {
namespace {

struct RunArguments {
  std::string deadline, slot, persist, every = "5ms";
  std::vector<std::string> inputs;
  SessionSetup setup;
  ImageInput reading;
  bool take_over = false, isolate = false, stream = false, json = false;
  std::vector<std::string> for_worker;  ///< RunArguments to repeat.
};

/// Sets the outputs other than the terminal in SessionOptions or SupervisorOptions.
template <class PublishingOptions>
void set_outputs(const RunArguments& o, PublishingOptions& options) {
  if (!o.slot.empty()) options.slot = SharedSlot::create(o.slot);
  options.take_over = o.take_over;
  options.persist = o.persist;
  options.persist_every = parse_duration(o.every);
}

std::unique_ptr<Runner> make_session(const RunArguments& o, const std::shared_ptr<const Model>& model,
                                     const std::vector<float>& image) {
  SessionOptions options = o.setup.session_options();
  {
    Session first(model,
                  options);  // The first run after loading is slower because it touches memory for the first time.
    first.start(image);
    first.wait();
  }
  options.deadlines = !o.deadline.empty();
  set_outputs(o, options);
  return session_runner(model, options);
}

std::unique_ptr<Runner> make_supervisor(const RunArguments& o) {
  std::vector<std::string> command{"/proc/self/exe", "worker"};  // This program itself.
  command.insert(command.end(), o.for_worker.begin(), o.for_worker.end());
  command.insert(command.end(), {"--", o.setup.bundle});
  SupervisorOptions options;
  set_outputs(o, options);
  return supervised_runner(std::move(command), options);
}

void run(RunArguments& o) {
  std::optional<Duration> limit;
  if (!o.deadline.empty()) limit = parse_positive_time(o.deadline);
  const bundle::Bundle bundle = bundle::load_bundle(o.setup.bundle);
  o.reading.preprocessing.fallback = bundle.preprocessing;
  o.reading.preprocessing.resolved(
      bundle.graph.inputs.at(0).shape);  // Reports invalid options before times are measured.
  if (o.isolate && o.setup.model.distribution.starts_with("csv:-")) {
    throw Error(ErrorKind::kUsage, "--isolate", "the worker cannot read cut-offs from standard input; use a file");
  }
  std::shared_ptr<const Model> model;
  if (!o.isolate) model = o.setup.make(bundle);
  std::vector<std::vector<float>>
      images;  // All are read before the first run, so that an invalid one stops the command at once.
  for (const std::string& input : o.inputs) images.push_back(read_image(input, bundle, o.reading));
  const std::unique_ptr<Runner> runner = o.isolate ? make_supervisor(o) : make_session(o, model, images.front());
  std::optional<Seconds> deadline;
  if (limit) deadline = limit->with_horizon(runner->horizon().count());
  const RunPrinter printer(bundle, o.json);
  nlohmann::json results = nlohmann::json::array();
  for (std::size_t i = 0; i < images.size(); ++i) {
    runner->start(images[i], {.deadline = deadline, .frame = i + 1});
    const std::string name = input_name(o.inputs[i]);
    if (o.stream) {
      printer.stream(name, *runner);
    } else if (o.json) {
      results.push_back(printer.result(name, *runner));
    } else {
      const Answer answer = runner->wait();
      printer.print(name, answer, runner->failure());
    }
    for (const WorkerEnd& end : runner->new_ends()) {
      print_note("the worker, process " + std::to_string(end.process) + ", " + end.reason);
    }
  }
  if (o.json && !o.stream) print_json(results);
  if (const std::string failure = runner->persist_failure(); !failure.empty()) {
    throw Error(ErrorKind::kIo, o.persist, failure);
  }
}

}  // namespace

void add_run(CLI::App& app) {
  CLI::App* sub = app.add_subcommand("run", "Classify images, with a deadline or showing each answer");
  auto o = std::make_shared<RunArguments>();
  add_session_options(*sub, o->setup);
  sub->add_option(
         "inputs", o->inputs,
         "Pictures, .npy arrays, - for one of these from standard input, or test images such as fashion-mnist:17 "
         "or, of the folder or list that the bundle was profiled on, photos:3")
      ->required();
  sub->add_option(
      "--deadline", o->deadline,
      "Cut off runs this long after their start, and plan for it: 3ms, or 0.5T for half the horizon; default: never");
  const auto not_empty = [](const std::string& path) { return std::string(path.empty() ? "is empty" : ""); };
  auto* const slot = sub->add_option("--slot", o->slot,
                                     "Also publish each answer to this file, which is created if it does not exist, "
                                     "for example in /dev/shm, for einet "
                                     "answer and other processes; it survives this process");
  slot->check(not_empty);
  sub->add_flag("--take-over", o->take_over, "Take the slot over from a process that still publishes to it")
      ->needs(slot);
  auto* const persist = sub->add_option(
      "--persist", o->persist, "Write the last answer to this file in the background, so that it survives a power cut");
  persist->check(not_empty);
  sub->add_option("--every", o->every, "Interval of the writes of --persist")->needs(persist)->capture_default_str();
  sub->add_flag(
      "--isolate", o->isolate,
      "Compute in a child process, which is replaced if it crashes, hangs or is killed; the last answer survives");
  sub->add_flag("--stream", o->stream, "Print each answer immediately; with --json one object per line");
  sub->add_flag(
      "--fit", o->reading.fit,
      "Resize pictures of another size to that of the network: the largest centred part, resampled, unless the bundle "
      "or --resize and --crop specify another method");
  add_preprocessing_options(*sub, o->reading.preprocessing);
  add_directory_option(*sub, o->reading.data_directory);
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o, sub, &app] {
    if (o->isolate) o->for_worker = repeated_options(*sub, *app.get_subcommand("worker"));
    run(*o);
  });
}

}  // namespace einet::cli
