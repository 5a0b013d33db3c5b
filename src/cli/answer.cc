#include <chrono>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>

#include "bundle/bundle.h"
#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/parse.h"
#include "einet/error.h"
#include "einet/shared_slot.h"

namespace einet::cli {
namespace {

struct Options {
  std::string slot, bundle, every = "1ms";
  bool watch = false, reset = false, json = false;
};

/// What the command knows about classes.
struct Labels {
  std::vector<std::string> names;
  std::string digest;

  std::string name(int label) const {
    return label >= 0 && label < static_cast<int>(names.size()) ? names[static_cast<std::size_t>(label)]
                                                                : std::to_string(label);
  }
};

nlohmann::json to_json(const Labels& labels, const Answer& answer, const SlotOwner& owner, const std::string& model) {
  nlohmann::json json{{"answer", nullptr}, {"owner", nullptr}};
  if (owner.process != 0) {
    json["owner"] = {{"process", owner.process}, {"alive", owner.alive}, {"epoch", owner.epoch}};
    if (!model.empty()) json["owner"]["model"] = model;
  }
  if (!answer) return json;
  json["answer"] = {{"label", answer.label},
                    {"name", labels.name(answer.label)},
                    {"confidence", answer.confidence},
                    {"exit", answer.exit + 1},
                    {"run", answer.run},
                    {"frame", answer.frame},
                    {"sequence", answer.sequence},
                    {"elapsed_seconds", Seconds(answer.elapsed).count()},
                    {"age_seconds", Seconds(Clock::now() - answer.time).count()}};
  for (const Guess& guess : answer.others) {
    if (guess.label < 0) break;
    json["answer"]["others"].push_back(
        {{"label", guess.label}, {"name", labels.name(guess.label)}, {"confidence", guess.confidence}});
  }
  return json;
}

void print(const Labels& labels, const Answer& answer, const SlotOwner& owner) {
  if (answer) {
    std::cout << labels.name(answer.label) << "  " << std::fixed << std::setprecision(1) << 100 * answer.confidence
              << " %  exit " << answer.exit + 1 << "  run " << answer.run << "  frame " << answer.frame << "  after "
              << format_seconds(Seconds(answer.elapsed).count());
    const Seconds age = Clock::now() - answer.time;
    if (age >= Seconds(0)) std::cout << ", " << format_seconds(age.count()) << " ago";
  } else {
    std::cout << "none yet";
  }
  if (owner.process != 0) std::cout << "  by process " << owner.process << (owner.alive ? "" : ", which has ended");
  std::cout << std::endl;
}

void answer(const Options& o) {
  if (o.reset) SharedSlot::reset(o.slot);
  const auto slot = SharedSlot::attach(o.slot);
  const Seconds pause = parse_duration(o.every);
  Labels labels;
  if (!o.bundle.empty()) {
    const bundle::Bundle bundle = bundle::load_bundle(o.bundle);
    labels = {bundle.labels, bundle.digest};
    if (const std::string model = slot->model(); !model.empty() && model != labels.digest) {
      throw Error(ErrorKind::kInvalidData, o.bundle, "is not the network whose answers are in " + o.slot);
    }
  }
  std::optional<std::uint64_t> shown;
  std::optional<bool> alive;
  for (;;) {
    const Answer now = slot->read();
    const SlotOwner owner = slot->owner();
    if (shown != now.sequence || alive != owner.alive) {
      if (o.json) {
        const nlohmann::json json = to_json(labels, now, owner, slot->model());
        o.watch ? print_json_line(json) : print_json(json);
      } else {
        print(labels, now, owner);
      }
      shown = now.sequence;
      alive = owner.alive;
    }
    if (!o.watch) return;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

void add_answer(CLI::App& app) {
  CLI::App* sub =
      app.add_subcommand("answer", "Show the last answer in a slot that einet run --slot or a program fills");
  auto o = std::make_shared<Options>();
  sub->add_option("slot", o->slot, "File of the slot, for example /dev/shm/camera")->required();
  sub->add_option("--bundle", o->bundle, "Bundle of the network, for the names of its classes");
  auto* const watch = sub->add_flag("--watch", o->watch, "Go on and show each change, until interrupted");
  sub->add_option("--every", o->every, "How often to look with --watch")->needs(watch)->capture_default_str();
  sub->add_flag("--reset", o->reset, "First replace the slot by an empty one; refused while a process publishes in it");
  sub->add_flag("--json", o->json, "Print JSON; with --watch one object per line");
  sub->callback([o] { answer(*o); });
}

}  // namespace einet::cli
