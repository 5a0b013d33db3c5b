#include "graph/faults.h"
#include "graph/graph.h"

namespace einet::graph {
namespace {

template <class T>
T typed(const Node& node, std::string_view key, T otherwise, std::string_view type) {
  const auto found = node.attributes.find(std::string(key));
  if (found == node.attributes.end()) return otherwise;
  if (const T* value = std::get_if<T>(&found->second)) return *value;
  invalid(node, "attribute '" + std::string(key) + "' is not " + std::string(type));
}

}  // namespace

std::string describe(const Node& node) { return "node '" + node.name + "' (" + node.op + ")"; }

std::int64_t Node::attribute(std::string_view key, std::int64_t otherwise) const {
  return typed(*this, key, otherwise, "an integer");
}

float Node::attribute(std::string_view key, float otherwise) const { return typed(*this, key, otherwise, "a float"); }

std::string Node::attribute(std::string_view key, const char* otherwise) const {
  return typed(*this, key, std::string(otherwise), "a string");
}

std::vector<std::int64_t> Node::attribute(std::string_view key, std::vector<std::int64_t> otherwise) const {
  return typed(*this, key, std::move(otherwise), "a list of integers");
}

}  // namespace einet::graph
