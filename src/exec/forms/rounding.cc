#include "exec/forms/rounding.h"

#include <utility>

namespace einet::exec {
namespace {

// Appends the second half of `operation`.
Operation take_rounding(Operation& operation, Network& network) {
  Value raw = network.values[operation.output];
  raw.name += ".raw";
  raw.grid.reset();
  const int to = operation.output, from = static_cast<int>(network.values.size());
  network.values.push_back(std::move(raw));
  operation.output = from;
  operation.rounds = false;
  return {operation.node, operation.part, Quantize{}, {from}, to, -1, {}};
}

void choose_forms(const Network& network, std::vector<Choice>& choices) {
  std::vector<char> bytes(network.values.size(), 0), floats(network.values.size(), 0);
  for (const int exit : network.exits) floats[network.storage(exit)] = 1;
  for (std::size_t i = 0; i < network.operations.size(); ++i) {
    const Operation& operation = network.operations[i];
    const auto read = [&](int value) {
      const bool in_bytes = choices[i].form == Form::kInt8 && !std::holds_alternative<Quantize>(operation.kind) &&
                            network.values[value].storage < 0;
      (in_bytes ? bytes : floats)[network.storage(value)] = 1;
    };
    for (const int input : operation.inputs) read(input);
    if (operation.residual >= 0) read(operation.residual);
  }
  for (std::size_t i = 0; i < network.operations.size(); ++i) {
    const Operation& operation = network.operations[i];
    if (!std::holds_alternative<Quantize>(operation.kind)) continue;
    const bool possible = can_have(network.values[operation.output], Form::kInt8);
    const bool wanted = bytes[operation.output] != 0 && floats[operation.output] == 0;
    choices[i] = {possible && wanted ? Form::kInt8 : Form::kPlain, Algorithm::kDefault};
  }
}

}  // namespace

void split_rounding(Network& network, std::vector<Choice>& choices) {
  std::vector<Operation> operations;
  std::vector<Choice> chosen;
  for (std::size_t i = 0; i < network.operations.size(); ++i) {
    operations.push_back(std::move(network.operations[i]));
    chosen.push_back(choices[i]);
    if (!operations.back().rounds || choices[i].form == Form::kInt8) continue;
    Operation rounding = take_rounding(operations.back(), network);
    operations.push_back(std::move(rounding));
    chosen.emplace_back();
  }
  network.operations = std::move(operations);
  choices = std::move(chosen);
  choose_forms(network, choices);
}

}  // namespace einet::exec
