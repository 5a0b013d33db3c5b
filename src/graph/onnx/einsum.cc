// Each label of an equation such as "bgid,bgjd->bgij" is in one of four groups:
//
//     batch        in both operands and in the result   b, g
//     left, right  in one operand and in the result     i; j
//     inner        in both operands alone               d
//
// With the labels of the left operand in the order batch, left, inner and those of the right one in the order batch,
// inner, right, and each group except the batch merged into one dimension, it is a MatMul. Labels that occur only in
// one operand are summed over first.

#include "graph/onnx/einsum.h"

#include <algorithm>
#include <map>
#include <utility>

#include "graph/faults.h"

namespace einet::graph {
namespace {

using Ints = std::vector<std::int64_t>;

struct Operand {
  std::string value;
  std::string labels;  ///< One letter per dimension; those of an ellipsis are digits.
};

class Einsum {
 public:
  Einsum(const Node& node, const std::vector<Shape>& shapes,
         const std::function<std::string(const std::string&)>& fresh)
      : node_(node), fresh_(fresh) {
    parse(node.attribute("equation", ""), shapes);
  }

  std::vector<Node> run() && {
    for (Operand& operand : operands_) sum_alone(operand);
    Operand result = operands_.size() == 1 ? operands_[0] : product();
    order(result, output_);
    if (nodes_.empty()) add("Identity", result, {});
    nodes_.back().outputs = node_.outputs;
    return std::move(nodes_);
  }

 private:
  void parse(std::string equation, const std::vector<Shape>& shapes) {
    std::erase(equation, ' ');
    const std::size_t arrow = equation.find("->");
    const std::string inputs = equation.substr(0, arrow);
    std::vector<std::string> terms(1);
    for (const char letter : inputs) {
      if (letter == ',') {
        terms.emplace_back();
      } else {
        terms.back() += letter;
      }
    }
    if (terms.size() != shapes.size()) invalid(node_, "has an equation of " + std::to_string(terms.size()) + " terms");
    if (terms.size() > 2) unsupported(node_, "an equation of more than two terms is not supported");
    std::string ellipsis;
    for (std::size_t i = 0; i < terms.size(); ++i) {
      const std::string labels = spelled(terms[i], shapes[i].size());
      if (labels.size() != shapes[i].size()) invalid(node_, "its equation does not match " + to_string(shapes[i]));
      for (std::size_t d = 0; d < labels.size(); ++d) {
        if (labels.find(labels[d]) != d) unsupported(node_, "a label twice in one term is not supported");
        if (sizes_.emplace(labels[d], shapes[i][d]).first->second != shapes[i][d]) {
          unsupported(node_, "sizes of one label differ: " + to_string(shapes[i]));
        }
        if (labels[d] <= '9' && ellipsis.find(labels[d]) == std::string::npos) ellipsis += labels[d];
      }
      operands_.push_back({node_.inputs[i], labels});
    }
    std::ranges::sort(ellipsis);
    output_ = arrow == std::string::npos ? implied(ellipsis) : equation.substr(arrow + 2);
    if (const std::size_t dots = output_.find("..."); dots != std::string::npos) output_.replace(dots, 3, ellipsis);
    for (std::size_t d = 0; d < output_.size(); ++d) {
      if (!sizes_.contains(output_[d]) || output_.find(output_[d]) != d) {
        invalid(node_, "its equation has a label in the result that is in no term");
      }
    }
  }

  // An ellipsis stands for the dimensions without letters, counted from the last.
  std::string spelled(std::string term, std::size_t rank) const {
    const std::size_t dots = term.find("...");
    if (dots != std::string::npos) {
      const std::size_t letters = term.size() - 3;
      if (rank < letters || rank - letters > 9) invalid(node_, "its ellipsis does not match the shapes");
      std::string digits;
      for (std::size_t d = rank - letters; d-- > 0;) digits += static_cast<char>('9' - d);
      term.replace(dots, 3, digits);
    }
    for (const char label : term) {
      const bool letter = (label >= 'a' && label <= 'z') || (label >= 'A' && label <= 'Z');
      if (!letter && (dots == std::string::npos || label > '9' || label < '1'))
        invalid(node_, "its equation is damaged");
    }
    return term;
  }

  // Without an arrow: the labels that occur once, in alphabetical order.
  std::string implied(const std::string& ellipsis) const {
    std::string once;
    for (const auto& [label, size] : sizes_) {
      const auto has = [label = label](const Operand& operand) {
        return operand.labels.find(label) != std::string::npos;
      };
      if (label > '9' && std::ranges::count_if(operands_, has) == 1) once += label;
    }
    return ellipsis + once;
  }

  static bool in(const std::string& labels, char label) { return labels.find(label) != std::string::npos; }

  std::int64_t joined(const std::string& labels) const {
    std::int64_t size = 1;
    for (const char label : labels) size *= sizes_.at(label);
    return size;
  }

  Node& add(const std::string& op, Operand& operand, std::map<std::string, Attribute> attributes) {
    const std::string name = fresh_(op);
    nodes_.push_back({op, name, {operand.value}, {name}, std::move(attributes)});
    operand.value = name;
    return nodes_.back();
  }

  void sum_alone(Operand& operand) {
    Ints axes;
    std::string rest;
    for (std::size_t d = 0; d < operand.labels.size(); ++d) {
      const char label = operand.labels[d];
      const bool elsewhere = in(output_, label) || std::ranges::count_if(operands_, [&](const Operand& other) {
                                                     return in(other.labels, label);
                                                   }) > 1;
      if (elsewhere) {
        rest += label;
      } else {
        axes.push_back(static_cast<std::int64_t>(d));
      }
    }
    if (axes.empty()) return;
    add("ReduceSum", operand, {{"axes", axes}, {"keepdims", std::int64_t{0}}});
    operand.labels = rest;
  }

  void order(Operand& operand, const std::string& labels) {
    if (operand.labels == labels) return;
    Ints perm;
    for (const char label : labels) perm.push_back(static_cast<std::int64_t>(operand.labels.find(label)));
    add("Transpose", operand, {{"perm", perm}});
    operand.labels = labels;
  }

  void reshape(Operand& operand, Ints shape) { add("Reshape", operand, {{"shape", std::move(shape)}}); }

  Operand product() {
    Operand &a = operands_[0], &b = operands_[1];
    std::string batch, left, right, inner;
    for (const char label : a.labels) (in(b.labels, label) ? in(output_, label) ? batch : inner : left) += label;
    for (const char label : b.labels) {
      if (!in(a.labels, label)) right += label;
    }
    order(a, batch + left + inner);
    order(b, batch + inner + right);
    Ints outer;
    for (const char label : batch) outer.push_back(sizes_.at(label));
    const auto matrices = [&](std::int64_t rows, std::int64_t columns) {
      Ints shape = outer;
      shape.insert(shape.end(), {rows, columns});
      return shape;
    };
    if (left.size() != 1 || inner.size() != 1) reshape(a, matrices(joined(left), joined(inner)));
    if (inner.size() != 1 || right.size() != 1) reshape(b, matrices(joined(inner), joined(right)));
    Operand result{a.value, batch + left + right};
    add("MatMul", result, {}).inputs.push_back(b.value);
    if (left.size() != 1 || right.size() != 1) {
      for (const char label : left + right) outer.push_back(sizes_.at(label));
      reshape(result, outer);
    }
    return result;
  }

  const Node& node_;
  const std::function<std::string(const std::string&)>& fresh_;
  std::vector<Operand> operands_;
  std::string output_;
  std::map<char, std::int64_t> sizes_;
  std::vector<Node> nodes_;
};

}  // namespace

std::vector<Node> einsum_as_matmul(const Node& node, const std::vector<Shape>& shapes,
                                   const std::function<std::string(const std::string&)>& fresh) {
  return Einsum(node, shapes, fresh).run();
}

}  // namespace einet::graph
