#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "bundle/bundle.h"
#include "cli/answer_json.h"
#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/parse.h"
#include "core/timespec.h"
#include "einet/error.h"
#include "einet/shared_slot.h"
#include "runtime/persister.h"

namespace einet::cli {
namespace {

struct AnswerArguments {
  std::string slot, bundle, every = "1ms";
  bool watch = false, reset = false, json = false;
};

struct Labels {
  std::vector<std::string> names;

  std::string name(int label) const {
    return label >= 0 && label < static_cast<int>(names.size()) ? names[static_cast<std::size_t>(label)]
                                                                : std::to_string(label);
  }
};

/// `model`: digest of the network whose answers are shown, or empty.
Labels labels_of(const AnswerArguments& o, const std::string& model) {
  if (o.bundle.empty()) return {};
  const bundle::Bundle bundle = bundle::load_bundle(o.bundle);
  if (!model.empty() && model != bundle.digest) {
    throw Error(ErrorKind::kInvalidData, o.bundle, "is not the network that gave the answers in " + o.slot);
  }
  return {bundle.labels};
}

nlohmann::json to_json(const Labels& labels, const Answer& answer, const SlotOwner& owner, const std::string& model) {
  nlohmann::json json{{"owner", nullptr}};
  if (owner.process != 0) {
    json["owner"] = {{"process", owner.process}, {"alive", owner.alive}, {"epoch", owner.epoch}};
    if (!model.empty()) json["owner"]["model"] = model;
  }
  json["answer"] = answer_json(answer, [&](int label) { return labels.name(label); });
  if (answer) {
    json["answer"].update({{"run", answer.run},
                           {"frame", answer.frame},
                           {"sequence", answer.sequence},
                           {"age_seconds", Seconds(Clock::now() - answer.time).count()}});
  }
  return json;
}

void print(const Labels& labels, const Answer& answer, const SlotOwner& owner) {
  if (answer) {
    std::cout << labels.name(answer.label) << "  " << std::fixed << std::setprecision(1) << 100 * answer.confidence
              << " %";
    for (const Guess& guess : answer.others) {
      if (guess.label >= 0) std::cout << ", " << labels.name(guess.label) << " " << 100 * guess.confidence << " %";
    }
    std::cout << "  exit " << answer.exit + 1 << "  run " << answer.run << "  frame " << answer.frame << "  after "
              << format_seconds(Seconds(answer.elapsed).count());
    const Seconds age = Clock::now() - answer.time;
    if (age >= Seconds(0)) std::cout << ", " << format_seconds(age.count()) << " ago";
  } else {
    std::cout << "none yet";
  }
  if (owner.process != 0) std::cout << "  by process " << owner.process << (owner.alive ? "" : ", which has ended");
  std::cout << std::endl;
}

constexpr Seconds kLongestPause{3600.0};

/// Shows a file written by --persist. After a restart of the machine, the time of publication is meaningless.
void show_stored(const AnswerArguments& o, const Labels& labels, const StoredAnswer& stored) {
  const Seconds age = std::chrono::system_clock::now() - stored.written;
  if (o.json) {
    nlohmann::json json = to_json(labels, stored.answer, {}, "");
    json.erase("owner");
    if (stored.answer) {
      json["answer"].erase("age_seconds");
      json["written"] = std::chrono::duration<double>(stored.written.time_since_epoch()).count();
      json["written_seconds_ago"] = age.count();
      if (!stored.model.empty()) json["model"] = stored.model;
    }
    print_json(json);
  } else {
    print(labels, stored.answer, {});
    if (stored.answer) std::cout << "  written " << format_seconds(age.count()) << " ago\n";
  }
}

void answer(const AnswerArguments& o) {
  std::error_code none;
  if (std::filesystem::file_size(o.slot, none) == kStoredAnswerBytes) {
    if (o.watch || o.reset)
      throw Error(ErrorKind::kUsage, o.slot, "is a file of --persist; --watch and --reset are for files of --slot");
    const StoredAnswer stored = read_stored_answer(o.slot);
    show_stored(o, labels_of(o, stored.model), stored);
    return;
  }
  if (o.reset) SharedSlot::reset(o.slot);
  const auto slot = SharedSlot::attach(o.slot);
  const timespec pause =
      to_timespec(std::chrono::ceil<std::chrono::nanoseconds>(std::min(parse_duration(o.every), kLongestPause)));
  const Labels labels = labels_of(o, slot->model());
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
    // Waits, and ends when the reader of the output has gone.
    pollfd output{STDOUT_FILENO, 0, 0};
    if (::ppoll(&output, 1, &pause, nullptr) > 0 && (output.revents & (POLLERR | POLLNVAL)) != 0) return;
  }
}

}  // namespace

void add_answer(CLI::App& app) {
  CLI::App* sub = app.add_subcommand(
      "answer", "Show the last answer in a file of einet run --slot or --persist, or of another program");
  auto o = std::make_shared<AnswerArguments>();
  sub->add_option("slot", o->slot, "The file, for example /dev/shm/camera")->required();
  sub->add_option("--bundle", o->bundle, "Bundle of the network, for the names of its classes");
  auto* const watch = sub->add_flag("--watch", o->watch, "Keep running and show each change, until interrupted");
  sub->add_option("--every", o->every, "Interval of the checks of --watch")->needs(watch)->capture_default_str();
  sub->add_flag("--reset", o->reset, "First make the slot empty; an error while a process publishes to it");
  sub->add_flag("--json", o->json, "Print JSON; with --watch one object per line");
  sub->callback([o] { answer(*o); });
}

}  // namespace einet::cli
