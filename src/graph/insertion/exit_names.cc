#include "graph/insertion/exit_names.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "graph/faults.h"

namespace einet::graph {
namespace {

bool is_exit_name(const std::string& name) {
  return name.starts_with("exit") && name.size() > 4 && name.find_first_not_of("0123456789", 4) == std::string::npos;
}

}  // namespace

std::string exit_name(std::size_t position) { return "exit" + std::to_string(position + 1); }

ExitRenumbering::ExitRenumbering(const std::vector<std::string>& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (is_exit_name(outputs[i])) names_[outputs[i]] = exit_name(i);
  }
}

std::string ExitRenumbering::operator()(const std::string& name) const {
  const auto found = names_.find(name.substr(0, name.find('.')));
  return found == names_.end() ? name : found->second + name.substr(found->first.size());
}

void ExitRenumbering::apply(Graph& graph) const {
  const auto rename = [&](std::string& name) { name = (*this)(name); };
  for (Node& node : graph.nodes) {
    rename(node.name);
    std::ranges::for_each(node.inputs, rename);
    std::ranges::for_each(node.outputs, rename);
  }
  std::ranges::for_each(graph.outputs, rename);
  std::unordered_map<std::string, Tensor> initializers;
  for (auto& [name, tensor] : graph.initializers) {
    if (!initializers.emplace((*this)(name), std::move(tensor)).second) {
      invalid("weight '" + name + "'", "would get the name of another weight, '" + (*this)(name) + "'");
    }
  }
  graph.initializers = std::move(initializers);
  std::set<std::string> untrained;
  for (const std::string& output : graph.untrained) untrained.insert((*this)(output));
  graph.untrained = std::move(untrained);
}

}  // namespace einet::graph
