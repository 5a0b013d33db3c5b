#include "exec/passes.h"

#include <map>
#include <string>

#include "exec/block_program.h"
#include "exec/prepared_graph.h"

namespace einet::exec {
namespace {

// The implementation of every step: oneDNN's name for it, or "einet:…".
graph::PassNote implementations_note(const Program& program) {
  std::map<std::string, int> counts;
  for (const std::string& line : program.implementations()) ++counts[line.substr(line.find(": ") + 2)];
  std::string text;
  for (const auto& [name, count] : counts) text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + name;
  return {"implementations", text};
}

}  // namespace

graph::PassNotes explain_passes(const graph::Graph& graph, const CompileOptions& options) {
  graph::PassNotes notes;
  notes.push_back(implementations_note(*compile_blocks(graph, options, &notes)));
  return notes;
}

}  // namespace einet::exec
