// Where conversions are inserted. A value is computed once, in the form of its producer, and read in the form of each
// reader. For every other form that a reader needs, one conversion creates a second value:
//
//   - right before the first of its readers, if these are all in one part: a branch that is skipped then also skips its
//     conversion;
//   - right after the value itself, if several parts read it, since each of them may be skipped.
//
// Flattened views share the memory of a plain value, so a value with views is needed in plain form, and so is an exit.
// A convolution in bfloat16 whose result is not read in bfloat16 writes float32 itself.

#include "exec/forms/assign.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "exec/forms/rounding.h"

namespace einet::exec {
namespace {

constexpr std::array<std::string_view, 4> kSuffixes = {".plain", ".blocked", ".bf16", ".int8"};

class Assignment {
 public:
  Assignment(Network& network, std::vector<Choice> choices) : network_(network), choices_(std::move(choices)) {}

  void run() {
    split_rounding(network_, choices_);
    find_readers();
    for (std::size_t i = 0; i < network_.operations.size(); ++i) make_form(i);
    insert_conversions();
  }

 private:
  using Readers = std::array<std::vector<int>, 4>;  // By form: the operations that read a value in it.

  // Finds all readers of every value, by the form they need.
  void find_readers() {
    readers_.resize(network_.values.size());
    for (std::size_t i = 0; i < network_.operations.size(); ++i) {
      const Operation& operation = network_.operations[i];
      for (const int input : operation.inputs) add_reader(input, wanted(input, i), i);
    }
    for (const int exit : network_.exits) {
      add_reader(exit, Form::kPlain, network_.operations.empty() ? 0 : last_of_part(exit));
    }
  }

  // An exit is read at the end of its own part.
  std::size_t last_of_part(int exit) const {
    std::size_t producer = 0;
    for (std::size_t i = 0; i < network_.operations.size(); ++i) {
      if (network_.operations[i].output == network_.storage(exit)) producer = i;
    }
    return producer;
  }

  Form wanted(int value, std::size_t reader) const {
    if (std::holds_alternative<Quantize>(network_.operations[reader].kind)) return Form::kPlain;
    return form_of(network_.values[value], choices_[reader].form);
  }

  // A residual has the form of the result; bytes and floats can be added to either.
  Form wanted_residual(std::size_t reader) const {
    const Operation& operation = network_.operations[reader];
    if (choices_[reader].form == Form::kInt8) return form_of(network_.values[operation.residual], Form::kInt8);
    return network_.values[operation.output].form;
  }

  // The memory of a view must be plain, whatever reads the view.
  void add_reader(int value, Form form, std::size_t reader) {
    if (network_.values[value].storage >= 0) add_reader(network_.values[value].storage, Form::kPlain, reader);
    std::vector<int>& readers = readers_[static_cast<std::size_t>(value)][static_cast<std::size_t>(form)];
    readers.push_back(static_cast<int>(reader));
  }

  void make_form(std::size_t i) {
    Operation& operation = network_.operations[i];
    operation.method = choices_[i].method;
    Value& output = network_.values[operation.output];
    output.form = form_of(output, choices_[i].form);
    if (std::holds_alternative<Linear>(operation.kind) && output.form == Form::kBf16) output.form = Form::kPlain;
    if (output.form != Form::kBf16) return;
    const Readers& readers = readers_[static_cast<std::size_t>(operation.output)];
    if (readers[static_cast<std::size_t>(Form::kBf16)].empty()) output.form = Form::kPlain;
  }

  // The residual has the form of the result, which is known only now.
  void insert_conversions() {
    for (std::size_t i = 0; i < network_.operations.size(); ++i) {
      const Operation& operation = network_.operations[i];
      if (operation.residual >= 0) add_reader(operation.residual, wanted_residual(i), i);
    }
    const std::size_t values = network_.values.size();
    after_.resize(network_.operations.size() + 1);
    before_.resize(network_.operations.size());
    std::vector<int> producer(values, -1);
    for (std::size_t i = 0; i < network_.operations.size(); ++i) {
      producer[static_cast<std::size_t>(network_.operations[i].output)] = static_cast<int>(i);
    }
    for (std::size_t value = 0; value < values; ++value) {  // A view is there when its memory is.
      producer[value] = producer[static_cast<std::size_t>(network_.storage(static_cast<int>(value)))];
    }
    for (std::size_t value = 0; value < values; ++value) {
      for (std::size_t form = 0; form < kSuffixes.size(); ++form) {
        if (readers_[value][form].empty() || network_.values[value].form == static_cast<Form>(form)) continue;
        convert(static_cast<int>(value), static_cast<Form>(form), producer[value]);
      }
    }
    arrange();
  }

  void convert(int from, Form form, int producer) {
    const std::vector<int>& readers = readers_[static_cast<std::size_t>(from)][static_cast<std::size_t>(form)];
    Value made = network_.values[from];
    made.name += kSuffixes[static_cast<std::size_t>(form)];
    made.form = form;
    made.storage = -1;
    const int to = static_cast<int>(network_.values.size());
    network_.values.push_back(made);

    const int first = *std::min_element(readers.begin(), readers.end());
    const auto part_of = [&](int reader) { return network_.operations[static_cast<std::size_t>(reader)].part; };
    const bool one_part =
        std::all_of(readers.begin(), readers.end(), [&](int reader) { return part_of(reader) == part_of(first); });
    // An exit may be "read" right where it is computed.
    const bool at_once = producer >= 0 && (!one_part || first <= producer);
    const int beside = at_once ? producer : one_part ? first : 0;
    auto& place = (at_once ? after_ : before_)[static_cast<std::size_t>(beside)];
    place.push_back({made.name, part_of(beside), Convert{}, {from}, to, -1, {}});
    for (const int reader : readers) redirect(network_.operations[static_cast<std::size_t>(reader)], from, to, form);
    for (Value& view : network_.values) {
      if (view.storage == from && form == Form::kPlain) view.storage = to;
    }
  }

  void redirect(Operation& reader, int from, int to, Form form) {
    for (int& input : reader.inputs) {
      if (input == from && form_of_reader(reader, from) == form) input = to;
    }
    const auto index = static_cast<std::size_t>(&reader - network_.operations.data());
    if (reader.residual == from && wanted_residual(index) == form) reader.residual = to;
  }

  Form form_of_reader(const Operation& reader, int value) const {
    const auto index = static_cast<std::size_t>(&reader - network_.operations.data());
    return wanted(value, index);
  }

  void arrange() {
    std::vector<Operation> all;
    for (std::size_t i = 0; i < network_.operations.size(); ++i) {
      for (Operation& conversion : before_[i]) all.push_back(std::move(conversion));
      all.push_back(std::move(network_.operations[i]));
      for (Operation& conversion : after_[i]) all.push_back(std::move(conversion));
    }
    network_.operations = std::move(all);
  }

  Network& network_;
  std::vector<Choice> choices_;
  std::vector<Readers> readers_;
  std::vector<std::vector<Operation>> before_, after_;  ///< Conversions, by the adjacent operation.
};

}  // namespace

void assign_forms(Network& network, const std::vector<Choice>& choices) { Assignment(network, choices).run(); }

}  // namespace einet::exec
