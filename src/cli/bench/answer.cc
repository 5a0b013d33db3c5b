#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "bundle/bundle.h"
#include "cli/bench/bench.h"
#include "cli/json_output.h"
#include "cli/parse.h"
#include "cli/session_options.h"
#include "eval/answer_benchmark.h"

namespace einet::cli {
namespace {

using eval::CutOffTimes;
using eval::SlotTimes;
using eval::TimeQuantiles;

nlohmann::json to_json(const TimeQuantiles& times) {
  return {{"samples", times.samples},
          {"median_ns", times.median * 1e9},
          {"p99_ns", times.p99 * 1e9},
          {"p999_ns", times.p999 * 1e9},
          {"most_ns", times.most * 1e9}};
}

nlohmann::json to_json(const CutOffTimes& times) {
  return {{"interrupts", times.interrupts},
          {"deadlines", times.deadlines},
          {"interrupt_to_idle", to_json(times.interrupt_to_idle)},
          {"deadline_to_idle", to_json(times.deadline_to_idle)},
          {"longest_step_ns", times.longest_step * 1e9},
          {"changed_after_interrupt", times.changed},
          {"published_after_deadline", times.late},
          {"of_another_run", times.wrong_run}};
}

void print_row(const std::string& what, const TimeQuantiles& times) {
  std::cout << std::left << std::setw(34) << what << std::right;
  for (const double each : {times.median, times.p99, times.p999, times.most}) {
    std::cout << std::setw(12) << format_seconds(each);
  }
  std::cout << '\n';
}

void print(const SlotTimes& slot, const std::optional<CutOffTimes>& cut_offs) {
  std::cout << std::left << std::setw(34) << "" << std::right;
  for (const char* const name : {"median", "99 %", "99.9 %", "longest"}) std::cout << std::setw(12) << name;
  std::cout << '\n';
  print_row("publish", slot.publish);
  print_row("read", slot.read_warm);
  print_row("read after another processor wrote", slot.read_cold);
  if (cut_offs) {
    print_row("interrupt to idle", cut_offs->interrupt_to_idle);
    print_row("deadline to idle", cut_offs->deadline_to_idle);
  }
  std::cout << "uncontended mutex: write " << format_seconds(slot.mutex_write) << ", read "
            << format_seconds(slot.mutex_read) << '\n';
  if (!cut_offs) return;
  std::cout << "longest primitive: " << format_seconds(cut_offs->longest_step) << '\n'
            << cut_offs->interrupts << " interrupts: " << cut_offs->changed << " answers changed afterwards\n"
            << cut_offs->deadlines << " deadlines: " << cut_offs->late << " answers published afterwards\n"
            << cut_offs->wrong_run << " answers of another run\n";
}

struct BenchAnswerArguments {
  SessionSetup setup;
  int cut_offs = 2000;
  bool json = false;
};

void bench_answer(const BenchAnswerArguments& options) {
  const SlotTimes slot = eval::measure_slot();
  std::optional<CutOffTimes> cut_offs;
  if (!options.setup.bundle.empty()) {
    const auto model = options.setup.make(bundle::load_bundle(options.setup.bundle));
    cut_offs = eval::measure_cut_offs(model, options.cut_offs);
  }
  if (!options.json) return print(slot, cut_offs);
  nlohmann::json document{{"publish", to_json(slot.publish)},
                          {"read", to_json(slot.read_warm)},
                          {"read_cold", to_json(slot.read_cold)},
                          {"mutex_write_ns", slot.mutex_write * 1e9},
                          {"mutex_read_ns", slot.mutex_read * 1e9}};
  if (cut_offs) document["cut_offs"] = to_json(*cut_offs);
  print_json(document);
}

}  // namespace

void add_bench_answer(CLI::App& bench) {
  CLI::App* sub = bench.add_subcommand(
      "answer", "Measure publishing and reading an answer and, with a bundle, how exactly runs are cut off");
  auto options = std::make_shared<BenchAnswerArguments>();
  add_session_options(*sub, options->setup);
  sub->get_option("bundle")->required(false)->description("Bundle (name.einet) whose runs are cut off");
  sub->add_option("--cut-offs", options->cut_offs, "Number of runs that are cut off")
      ->capture_default_str()
      ->check(CLI::Range(1, 100'000'000));
  sub->add_flag("--json", options->json, "Print JSON");
  sub->callback([options] { bench_answer(*options); });
}

}  // namespace einet::cli
