#include <algorithm>
#include <functional>
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "bundle/timing.h"
#include "bundle/trunk_times.h"
#include "cli/head_option.h"
#include "cli/json_output.h"
#include "cli/model/model.h"
#include "cli/parse.h"
#include "cli/timing_options.h"
#include "einet/error.h"
#include "graph/head.h"
#include "graph/insertion.h"
#include "graph/onnx_file.h"
#include "io/file.h"

namespace einet::cli {
namespace {

struct InsertExitsArguments {
  std::string input, output, shape, head, profile, platform;
  graph::InsertionOptions insertion;
  std::optional<int> input_exits;
  int classes = 0;
  std::uint64_t seed = 1;
  bool dry_run = false;
  bool json = false;
};

/// Whether it is an assumption that the outputs are classes: embeddings also come from a layer with weights.
bool head_assumed(const graph::Graph& graph) {
  if (graph.head || graph.outputs.size() > 1) return false;
  return graph::find_head(graph, graph.outputs.front()).head == graph::Head::kLogits;
}

/// `numbers`: positions of the new exits among all, from 1.
nlohmann::json describe_exits(const graph::Graph& graph, const std::vector<graph::NewExit>& exits,
                              const std::vector<int>& numbers) {
  nlohmann::json list = nlohmann::json::array();
  std::int64_t branches = 0, parameters = 0;
  for (const graph::NewExit& exit : exits) {
    branches += exit.branch_macs;
    parameters += exit.branch_parameters;
    list.push_back({{"exit", numbers[list.size()]},
                    {"node", exit.place.node},
                    {"value", exit.place.value},
                    {"map", exit.place.shape},
                    {"macs_before", exit.place.macs_before},
                    {"macs_after", exit.place.macs_after},
                    {"share_before", exit.share_before},
                    {"branch_macs", exit.branch_macs},
                    {"branch_parameters", exit.branch_parameters},
                    {"branch_convolutions", exit.branch.convolutions},
                    {"branch_channels", exit.branch.convolutions > 0 ? exit.branch.channels : 0},
                    {"branch_hidden", exit.branch.hidden},
                    {"branch_pixels", exit.branch.pixels}});
  }
  const std::int64_t trunk = exits.front().place.macs_before + exits.front().place.macs_after;
  return {{"network", graph.name},
          {"classes", graph::classes_of(graph)},
          {"head", graph::to_string(graph::find_head(graph, graph.outputs.front()).head)},
          {"head_assumed", head_assumed(graph)},
          {"exits_before", graph.outputs.size()},
          {"macs", trunk},
          {"branch_macs", branches},
          {"branch_parameters", parameters},
          {"exits", list}};
}

/// How a branch begins.
std::string form_of(const nlohmann::json& exit) {
  const int channels = exit["branch_channels"].get<int>();
  if (channels > 0) return std::to_string(channels);
  return exit["branch_pixels"].get<int>() > 0 ? "pixels" : "mean";
}

/// The positions of places by the times of a bundle's network, which contains the places as values.
std::function<double(const graph::Place&)> measured_shares(const InsertExitsArguments& o) {
  const bundle::Bundle profiled = bundle::load_bundle(o.profile);
  if (profiled.exits() < 2) {
    throw Error(ErrorKind::kUsage, o.profile,
                "has a single exit and thus no times of parts; profile the network with an exit at every place");
  }
  const bundle::Timing timing = timing_for(profiled, {.platform = o.platform});
  auto times = std::make_shared<const bundle::TrunkTimes>(profiled.graph, timing.profile.times());
  return [times, file = o.profile](const graph::Place& place) {
    try {
      return times->share_before(place.value);
    } catch (const Error& error) {
      throw Error(error.kind(), file, error.what());
    }
  };
}

/// Ascending numbers as "1-3,7".
std::string ranges(const std::vector<int>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::size_t end = i;
    while (end + 1 < numbers.size() && numbers[end + 1] == numbers[end] + 1) ++end;
    text += (text.empty() ? "" : ",") + std::to_string(numbers[i]);
    if (end > i) text += "-" + std::to_string(numbers[end]);
    i = end;
  }
  return text;
}

void print(const nlohmann::json& d, const InsertExitsArguments& o) {
  std::size_t width = 5;
  for (const auto& e : d["exits"]) width = std::max(width, e["node"].get<std::string>().size());
  std::cout << "exit  " << std::left << std::setw(static_cast<int>(width)) << "after" << std::right
            << "          map  MACs before  MACs after  branch MACs  channels\n";
  std::vector<int> numbers;
  for (const auto& e : d["exits"]) {
    std::string size;
    for (const auto& side : e["map"]) size += (size.empty() ? "" : "x") + std::to_string(side.get<int>());
    numbers.push_back(e["exit"]);
    std::cout << std::setw(4) << numbers.back() << "  " << std::left << std::setw(static_cast<int>(width))
              << e["node"].get<std::string>() << std::right << std::setw(13) << size << std::setw(13)
              << format_count(e["macs_before"]) << std::setw(12) << format_count(e["macs_after"]) << std::setw(13)
              << format_count(e["branch_macs"]) << std::setw(10) << form_of(e) << '\n';
  }
  const double share = d["branch_macs"].get<double>() / d["macs"].get<double>();
  const int before = d["exits_before"].get<int>();
  const std::string others = before == 1 ? "the last unchanged" : std::to_string(before) + " of them unchanged";
  std::cout << (o.dry_run ? "would make " : o.output + ": ") << numbers.size() + before << " exits, "
            << (o.classes > 0 ? "the network's own with a new last layer" : others) << "; " << format_count(d["macs"])
            << " MACs and " << format_count(d["branch_macs"]) << " (" << std::fixed << std::setprecision(1)
            << 100 * share << " %) in branches of " << format_count(d["branch_parameters"]) << " parameters, for "
            << d["classes"].get<int>() << " classes\n"
            << "new: " << ranges(numbers) << "; einet train --mode branches --only new trains "
            << (o.classes > 0 ? "these and the new last layers" : "these") << '\n';
  if (d["head_assumed"].get<bool>() && o.classes == 0) {
    std::cout << "assumed: the network's outputs are the logits of " << d["classes"].get<int>()
              << " classes; if they are an embedding, --classes N replaces its last layer by one for N classes\n";
  }
}

void insert(const InsertExitsArguments& o) {
  if (o.output.empty() && !o.dry_run) throw Error(ErrorKind::kUsage, "model insert-exits", "give -o, or --dry-run");
  if (!o.dry_run) io::check_output(o.output);
  graph::LoadOptions load{.channels_first = true};
  if (!o.shape.empty()) load.input_shape = parse_shape(o.shape);
  graph::Graph graph = graph::load_onnx(o.input, load);
  set_head(o.input, o.head, graph);
  graph::InsertionOptions insertion = o.insertion;
  insertion.input_exits = o.input_exits;
  if (!o.profile.empty()) insertion.share_before = measured_shares(o);
  nlohmann::json description;
  try {
    if (o.classes > 0) graph = graph::with_new_classes(std::move(graph), o.classes, o.seed);
    const std::vector<graph::NewExit> exits = graph::plan_exits(graph, insertion);
    description = describe_exits(graph, exits, graph::exit_numbers(graph, exits));
    if (!o.dry_run) graph = graph::insert_exits(std::move(graph), exits, o.seed);
  } catch (const Error& error) {
    throw Error(error.kind(), o.input, error.what());
  }
  if (!o.dry_run) graph::save_onnx(graph, o.output);
  if (o.json) {
    print_json(description);
  } else {
    print(description, o);
  }
}

}  // namespace

void add_model_insert_exits(CLI::App& model) {
  CLI::App* sub =
      model.add_subcommand("insert-exits", "Add exits to a network, to be trained with einet train --mode branches");
  auto o = std::make_shared<InsertExitsArguments>();
  graph::InsertionOptions& i = o->insertion;
  sub->add_option("input", o->input, "ONNX file of a classifier")->required();
  sub->add_option("-o,--output", o->output, "ONNX file to write");
  sub->add_option("--shape", o->shape, "Shape of the input if the file leaves it open, such as 3x224x224");
  add_head_option(*sub, o->head);
  CLI::Option* exits =
      sub->add_option("--exits", i.exits,
                      "Total number of exits, spread by cost, each at the cheapest nearby place; default: one "
                      "at the end of every conv part")
          ->check(CLI::Range(2, 1000));
  CLI::Option* profile =
      sub->add_option(
             "--profile", o->profile,
             "Bundle of this network with an exit at every place, which need not be trained: spreads --exits by its "
             "times instead of multiply-accumulates")
          ->needs(exits);
  sub->add_option("--platform", o->platform, "Use the times of another machine in that bundle; default: this machine")
      ->needs(profile);
  sub->add_option("--after", i.after, "Insert exits after these nodes")->delimiter(',')->excludes(exits);
  sub->add_option(
         "--input-exits", o->input_exits,
         "Exits at the input: 1 to 3 small convolutional networks of about 0.3, 1 and 4 % of the network; 4 adds "
         "a linear layer on averaged pixels before them; default: none, or 3 with --candidates")
      ->check(CLI::Range(0, 4));
  sub->add_flag(
         "--candidates{2}", i.candidates,
         "Add branches of different sizes at every place (2, or the given number), of which einet model choose-exits "
         "keeps the best")
      ->check(CLI::Range(1, 8))
      ->excludes(exits);
  sub->add_option(
         "--classes", o->classes,
         "Number of classes of the data, if the network was trained for others: replaces the layers that output "
         "its classes by new ones")
      ->check(CLI::Range(2, 1000000));
  sub->add_option(
         "--max-branch-share", i.max_branch_share,
         "Maximum share of the network's MACs for one branch; its share of the parameters may be four times as large; "
         "default: 0.05, and without --candidates a quarter of the MACs for all branches "
         "together")
      ->check(CLI::Range(1e-6, 1e6));
  sub->add_option("--branch-convs", i.convolutions,
                  "Convolutions of a branch; 0: begin with the mean over all positions, as branches on tokens and on "
                  "channels-last maps always do")
      ->check(CLI::Range(0, 8));
  sub->add_option("--branch-fcs", i.fully_connected, "Fully connected layers of a branch")->check(CLI::Range(1, 8));
  sub->add_option("--branch-channels", i.channels, "Maximum number of channels of the convolutions of a branch")
      ->check(CLI::Range(1, 4096));
  sub->add_option("--branch-hidden", i.hidden,
                  "Maximum number of units of the inner fully connected layers of a branch")
      ->check(CLI::Range(1, 65536));
  sub->add_option("--seed", o->seed, "Seed of the weights of the branches");
  sub->add_flag("--dry-run", o->dry_run, "Only list the places, with the MACs before and after them");
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { insert(*o); });
}

}  // namespace einet::cli
