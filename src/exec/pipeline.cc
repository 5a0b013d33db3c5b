#include "exec/pipeline.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "exec/forms/assign.h"
#include "exec/layout/lane_memory.h"
#include "exec/layout/lifetimes.h"
#include "exec/lowering/fuse.h"
#include "exec/lowering/lower.h"

namespace einet::exec {
namespace {

template <class Kind>
int count(const std::vector<Operation>& operations) {
  return static_cast<int>(std::ranges::count_if(
      operations, [](const Operation& operation) { return std::holds_alternative<Kind>(operation.kind); }));
}

int residuals(const std::vector<Operation>& operations) {
  return static_cast<int>(std::ranges::count_if(operations, [](const Operation& o) { return o.residual >= 0; }));
}

std::string of(int some, int all, const std::string& what) {
  return std::to_string(some) + " of " + std::to_string(all) + " " + what;
}

std::string list(const std::map<std::string, int>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + name;
  return text;
}

// The number of conversions between forms, and how many of them are between parts.
graph::PassNote forms_note(const Network& network, const std::vector<Choice>& choices, bool tuned) {
  constexpr const char* kForms[] = {"channels-last", "in blocks of channels", "in bfloat16", "in bytes"};
  std::map<std::string, int> forms;
  for (const Choice& choice : choices) ++forms[kForms[static_cast<std::size_t>(choice.form)]];
  std::map<int, int> made_in;  // Values, by part.
  int conversions = 0, between = 0;
  for (const Operation& operation : network.operations) {
    made_in[operation.output] = operation.part;
    if (!std::holds_alternative<Convert>(operation.kind)) continue;
    ++conversions;
    const auto maker = made_in.find(operation.inputs.front());
    between += maker != made_in.end() && maker->second != operation.part ? 1 : 0;
  }
  return {"layout assignment", list(forms) + "; " + std::to_string(conversions) + " conversions, " +
                                   std::to_string(between) + " of them between parts" + (tuned ? "" : " (not tuned)")};
}

std::string kib(std::int64_t bytes) { return std::to_string((bytes + 1023) / 1024) + " KiB"; }

void report_fusion(const std::vector<Operation>& before, const std::vector<Operation>& after, graph::PassNotes& notes) {
  const int affine = count<Affine>(before), activations = count<Elementwise>(before), sums = count<Binary>(before);
  notes.push_back({"batch-norm folding", of(affine - count<Affine>(after), affine,
                                            "scales and shifts per channel were folded into weights")});
  notes.push_back({"activation fusion", of(activations - count<Elementwise>(after), activations,
                                           "activations were fused into other operations")});
  notes.push_back({"residual fusion",
                   of(residuals(after), sums, "sums and products of two values were fused into other operations")});
}

void report_layout(const Layout& layout, int concatenations, graph::PassNotes& notes) {
  std::int64_t copied = 0;
  int copies = 0;
  for (const PlacedOperation& placed : layout.operations) {
    if (!std::holds_alternative<Copy>(placed.operation.kind)) continue;
    ++copies;
    copied += placed.output.pixels * placed.output.channels * static_cast<std::int64_t>(sizeof(float));
  }
  notes.push_back({"in-place concatenation", std::to_string(concatenations) + " concatenations need " +
                                                 std::to_string(copies) + " copies of " + kib(copied)});
}

void report_memory(const std::vector<Lifetime>& alive, const MemoryPlan& plan, graph::PassNotes& notes) {
  std::int64_t buffers = 0;
  for (const Lifetime& buffer : alive) buffers += buffer.bytes;
  notes.push_back(
      {"memory plan", std::to_string(alive.size()) + " buffers of " + kib(buffers) + " share " + kib(plan.bytes)});
}

}  // namespace

Network lower_and_fuse(const PreparedGraph& prepared, graph::PassNotes* notes) {
  Network network = lower(prepared);
  if (notes == nullptr) {
    fuse(network);
    return network;
  }
  const std::vector<Operation> before = network.operations;
  notes->push_back({"lowering", std::to_string(prepared.graph.nodes.size()) + " nodes became " +
                                    std::to_string(before.size()) + " operations, " +
                                    std::to_string(count<Rearrange>(before)) +
                                    " of them to change the order of dimensions"});
  fuse(network);
  report_fusion(before, network.operations, *notes);
  return network;
}

Arranged arrange(Network network, const CompileOptions& options, graph::PassNotes* notes) {
  const int concatenations = count<Concat>(network.operations);
  const std::vector<Choice> choices = choose(network, options.precision, options.tuning);
  assign_forms(network, choices);
  if (notes != nullptr) notes->push_back(forms_note(network, choices, !options.tuning.choices.empty()));
  Arranged arranged{.layout = place(std::move(network), options.concat_in_place), .plan = {}};
  if (notes != nullptr) report_layout(arranged.layout, concatenations, *notes);
  const std::vector<Lifetime> alive = lifetimes(arranged.layout);
  arranged.plan = options.branch_lane ? plan_lane_memory(arranged.layout) : plan_memory(alive);
  if (notes != nullptr) report_memory(alive, arranged.plan, *notes);
  return arranged;
}

}  // namespace einet::exec
