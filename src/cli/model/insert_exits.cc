#include <algorithm>
#include <iomanip>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "cli/head_option.h"
#include "cli/json_output.h"
#include "cli/model/model.h"
#include "cli/parse.h"
#include "einet/error.h"
#include "graph/insertion.h"
#include "graph/onnx_file.h"
#include "io/file.h"

namespace einet::cli {
namespace {

struct Options {
  std::string input, output, shape, head;
  graph::InsertionOptions insertion;
  std::uint64_t seed = 1;
  bool dry_run = false;
  bool json = false;
};

nlohmann::json describe(const graph::Graph& graph, const std::vector<graph::NewExit>& exits) {
  nlohmann::json list = nlohmann::json::array();
  std::int64_t branches = 0, parameters = 0;
  for (const graph::NewExit& exit : exits) {
    branches += exit.branch_macs;
    parameters += exit.branch_parameters;
    list.push_back({{"exit", list.size() + 1},
                    {"node", exit.place.node},
                    {"value", exit.place.value},
                    {"map", exit.place.shape},
                    {"macs_before", exit.place.macs_before},
                    {"macs_after", exit.place.macs_after},
                    {"branch_macs", exit.branch_macs},
                    {"branch_parameters", exit.branch_parameters},
                    {"branch_convolutions", exit.branch.convolutions},
                    {"branch_channels", exit.branch.convolutions > 0 ? exit.branch.channels : 0},
                    {"branch_hidden", exit.branch.hidden}});
  }
  const std::int64_t trunk = exits.front().place.macs_before + exits.front().place.macs_after;
  return {{"network", graph.name},   {"classes", graph::classes_of(graph)}, {"macs", trunk},
          {"branch_macs", branches}, {"branch_parameters", parameters},     {"exits", list}};
}

void print(const nlohmann::json& d, const Options& o) {
  std::size_t width = 5;
  for (const auto& e : d["exits"]) width = std::max(width, e["node"].get<std::string>().size());
  std::cout << "exit  " << std::left << std::setw(static_cast<int>(width)) << "after" << std::right
            << "          map  MACs before  MACs after  branch MACs  channels\n";
  for (const auto& e : d["exits"]) {
    std::string size;
    for (const auto& side : e["map"]) size += (size.empty() ? "" : "x") + std::to_string(side.get<int>());
    const int channels = e["branch_channels"].get<int>();
    std::cout << std::setw(4) << e["exit"].get<int>() << "  " << std::left << std::setw(static_cast<int>(width))
              << e["node"].get<std::string>() << std::right << std::setw(13) << size << std::setw(13)
              << format_count(e["macs_before"]) << std::setw(12) << format_count(e["macs_after"]) << std::setw(13)
              << format_count(e["branch_macs"]) << std::setw(10) << (channels > 0 ? std::to_string(channels) : "mean")
              << '\n';
  }
  const double share = d["branch_macs"].get<double>() / d["macs"].get<double>();
  std::cout << (o.dry_run ? "would make " : o.output + ": ") << d["exits"].size() + 1 << " exits, the last as it was; "
            << format_count(d["macs"]) << " MACs and " << format_count(d["branch_macs"]) << " (" << std::fixed
            << std::setprecision(1) << 100 * share << " %) in branches of " << format_count(d["branch_parameters"])
            << " parameters, for " << d["classes"].get<int>() << " classes\n";
}

void insert(const Options& o) {
  if (o.output.empty() && !o.dry_run) throw Error(ErrorKind::kUsage, "model insert-exits", "give -o, or --dry-run");
  if (!o.dry_run) io::check_output(o.output);
  graph::LoadOptions load{.channels_first = true};
  if (!o.shape.empty()) load.input_shape = parse_shape(o.shape);
  graph::Graph graph = graph::load_onnx(o.input, load);
  set_head(o.input, o.head, graph);
  nlohmann::json description;
  try {
    const std::vector<graph::NewExit> exits = graph::plan_exits(graph, o.insertion);
    description = describe(graph, exits);
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
      model.add_subcommand("insert-exits", "Make an ordinary network multi-exit; train --mode branches follows");
  auto o = std::make_shared<Options>();
  graph::InsertionOptions& i = o->insertion;
  sub->add_option("input", o->input, "ONNX file of a classifier with one output")->required();
  sub->add_option("-o,--output", o->output, "ONNX file to write");
  sub->add_option("--shape", o->shape, "Shape of the input where the file leaves it open, such as 3x224x224");
  add_head_option(*sub, o->head);
  CLI::Option* exits =
      sub->add_option("--exits", i.exits, "Exits in all, spread by cost; default: one at the end of every conv part")
          ->check(CLI::Range(2, 1000));
  sub->add_option("--after", i.after, "Exits after these nodes")->delimiter(',')->excludes(exits);
  sub->add_option("--max-branch-share", i.max_branch_share,
                  "What one branch may cost, as a share of the network's MACs; default: 0.05, and a quarter for all "
                  "branches together")
      ->check(CLI::Range(1e-6, 1e6));
  sub->add_option("--branch-convs", i.convolutions,
                  "Convolutions of a branch; 0: the mean over all positions, as branches on tokens and on maps with "
                  "channels last always begin")
      ->check(CLI::Range(0, 8));
  sub->add_option("--branch-fcs", i.fully_connected, "Fully connected layers of a branch")->check(CLI::Range(1, 8));
  sub->add_option("--branch-channels", i.channels, "Channels of a branch's convolutions, at most")
      ->check(CLI::Range(1, 4096));
  sub->add_option("--branch-hidden", i.hidden, "Units of a branch's inner fully connected layers, at most")
      ->check(CLI::Range(1, 65536));
  sub->add_option("--seed", o->seed, "Of the branches' weights");
  sub->add_flag("--dry-run", o->dry_run, "Only list the places, with MACs before and after them");
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { insert(*o); });
}

}  // namespace einet::cli
