#include "cli/head_option.h"

#include <algorithm>
#include <iostream>

#include "einet/error.h"
#include "graph/head.h"

namespace einet::cli {

void add_head_option(CLI::App& command, std::string& head) {
  command
      .add_option("--head", head,
                  "Kind of the outputs of an ONNX file if its operators do not determine it; default: logits")
      ->check(CLI::IsMember(graph::head_names()));
}

void set_head(const std::string& model, const std::string& head, graph::Graph& graph) {
  if (head.empty()) return;
  graph.head = graph::parse_head(head);
  const bool decided = std::ranges::all_of(
      graph.outputs, [&](const std::string& output) { return graph::find_head(graph, output).undecided_at.empty(); });
  const std::string_view found = graph::to_string(graph::find_head(graph, graph.outputs.front()).head);
  if (!decided || found == head) return;
  throw Error(ErrorKind::kUsage, "--head " + head,
              "the operators of " + model + " determine that its outputs are " + std::string(found));
}

void report_assumed_heads(const std::string& model, const graph::Graph& graph) {
  if (graph.head) return;
  for (const std::string& output : graph.outputs) {
    const graph::FoundHead found = graph::find_head(graph, output);
    if (found.undecided_at.empty()) continue;
    if (graph::find_l2_normalization(graph, output) != nullptr) continue;  // It is rejected.
    std::cerr << "einet: " << model << ": the outputs of '" << output << "' are assumed to be logits, because "
              << found.undecided_at
              << " does not determine their kind; --head softmax, log-softmax or sigmoid changes this\n";
  }
}

}  // namespace einet::cli
