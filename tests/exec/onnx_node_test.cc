// The ONNX project's own node tests, for every operator that EINet supports. Each is run on both executors, with its
// first input given at run time and, if the operator allows several, with all of them; and it is evaluated when
// loading, like chains of shape operators.
//
//   onnx_node_test FOLDER      (Debian: package libonnx-testdata, /usr/share/libonnx-testdata/data/node)
//
// Prints which cases passed, failed or do not apply, with the reason. Fails if any failed.

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>
#include <optional>
#include <set>

#include "einet/error.h"
#include "exec/onnx_node_cases.h"
#include "exec/program.h"
#include "graph/onnx/evaluate.h"
#include "graph/onnx/quantization.h"
#include "graph/onnx/tensor_proto.h"
#include "graph/onnx_file.h"

namespace einet::exec {
namespace {

using onnx::TensorProto;

// Properties of an operator, combined as flags.
constexpr unsigned kPlain = 0;
constexpr unsigned kSeveralInputs = 1;  ///< Two inputs or more may be given at run time.
constexpr unsigned kOnIntegers = 2;     ///< Also on integers and truth values, which are floats at run time.
constexpr unsigned kAtLoad = 4;         ///< Only when loading: evaluated on shapes and constants.

const std::map<std::string, unsigned> kOperators = {
    {"Conv", kPlain},
    {"BatchNormalization", kPlain},
    {"Relu", kPlain},
    {"LeakyRelu", kPlain},
    {"PRelu", kSeveralInputs},
    {"Clip", kPlain},
    {"Sigmoid", kPlain},
    {"HardSigmoid", kPlain},
    {"HardSwish", kPlain},
    {"Tanh", kPlain},
    {"Elu", kPlain},
    {"Softmax", kPlain},
    {"LRN", kPlain},
    {"MaxPool", kPlain},
    {"AveragePool", kPlain},
    {"GlobalAveragePool", kPlain},
    {"GlobalMaxPool", kPlain},
    {"Gemm", kSeveralInputs},
    {"MatMul", kSeveralInputs},
    {"Add", kSeveralInputs},
    {"Sub", kSeveralInputs},
    {"Mul", kSeveralInputs},
    {"Div", kSeveralInputs},
    {"Concat", kSeveralInputs},
    {"Split", kPlain},
    {"Slice", kPlain},
    {"Flatten", kPlain},
    {"Reshape", kPlain},
    {"Squeeze", kPlain},
    {"Unsqueeze", kPlain},
    {"Transpose", kPlain},
    {"Pad", kPlain},
    {"ReduceMean", kPlain},
    {"Resize", kPlain},
    {"Identity", kPlain},
    {"Dropout", kPlain},
    {"Constant", kAtLoad},
    {"Shape", kAtLoad},
    {"Gather", kPlain},
    {"Expand", kPlain},
    {"Tile", kPlain},
    {"Einsum", kSeveralInputs},
    {"ScatterND", kAtLoad},
    {"Cast", kAtLoad},
    {"Erf", kPlain},
    {"Exp", kPlain},
    {"Log", kPlain},
    {"Sqrt", kPlain},
    {"Abs", kPlain},
    {"Neg", kPlain},
    {"Reciprocal", kPlain},
    {"Softplus", kPlain},
    {"LogSoftmax", kPlain},
    {"LayerNormalization", kPlain},
    {"InstanceNormalization", kPlain},
    {"Pow", kSeveralInputs},
    {"Max", kSeveralInputs},
    {"Min", kSeveralInputs},
    {"Sum", kSeveralInputs},
    {"Mean", kSeveralInputs},
    {"ReduceSum", kPlain},
    {"ReduceMax", kPlain},
    {"ReduceMin", kPlain},
    {"ReduceProd", kPlain},
    {"ReduceL1", kPlain},
    {"ReduceL2", kPlain},
    {"ReduceSumSquare", kPlain},
    {"ReduceLogSum", kPlain},
    {"ReduceLogSumExp", kPlain},
    {"Floor", kPlain},
    {"Ceil", kPlain},
    {"Round", kPlain},
    {"Sign", kPlain},
    {"Sin", kPlain},
    {"Cos", kPlain},
    {"Not", kOnIntegers},
    {"Mod", kSeveralInputs | kOnIntegers},
    {"Equal", kSeveralInputs | kOnIntegers},
    {"Greater", kSeveralInputs | kOnIntegers},
    {"GreaterOrEqual", kSeveralInputs | kOnIntegers},
    {"Less", kSeveralInputs | kOnIntegers},
    {"LessOrEqual", kSeveralInputs | kOnIntegers},
    {"And", kSeveralInputs | kOnIntegers},
    {"Or", kSeveralInputs | kOnIntegers},
    {"Xor", kSeveralInputs | kOnIntegers},
    {"Where", kSeveralInputs | kOnIntegers},
    {"QuantizeLinear", kOnIntegers},
    {"DequantizeLinear", kOnIntegers},
    {"DynamicQuantizeLinear", kOnIntegers},
    {"QLinearConv", kOnIntegers},
    {"QLinearMatMul", kOnIntegers},
    {"ConvInteger", kOnIntegers},
    {"MatMulInteger", kOnIntegers},
    {"DepthToSpace", kOnIntegers},
    {"SpaceToDepth", kOnIntegers},
    {"ConvTranspose", kPlain},
};

// The reason why a case does not apply, by a part of its name; all others must pass.
const std::map<std::string, std::string> kNotApplicable = {
    {"test_identity_sequence", "sequences are not tensors"},
    {"test_identity_opt", "optional values are not tensors"},
    {"test_batchnorm_epsilon_training_mode", "training"},
    {"test_batchnorm_example_training_mode", "training"},
    {"test_training_dropout", "training"},
    {"test_dropout_default_mask", "the mask is only for training"},
    {"test_maxpool_with_argmax", "classifiers do not use indices of maxima"},
    {"test_maxpool_2d_uint8", "values are floats"},
    {"test_convtranspose_3d", "three spatial dimensions"},
    {"test_maxpool_3d", "three spatial dimensions"},
    {"test_averagepool_3d", "three spatial dimensions"},
    {"test_resize_downsample_scales_linear_align_corners", "a size rounded down, as in PyTorch and ONNX Runtime"},
    {"test_resize_downsample_scales_cubic_align_corners", "a size rounded down, as in PyTorch and ONNX Runtime"},
    {"test_einsum_batch_diagonal", "a diagonal"},
    {"test_scatternd_add", "a reduction"},
    {"test_scatternd_multiply", "a reduction"},
    {"test_max_uint64", "unsigned integers of 64 bits"},
    {"test_min_uint64", "unsigned integers of 64 bits"},
    {"test_mod_uint64", "unsigned integers of 64 bits"},
    {"test_pow_types_float32_uint64", "unsigned integers of 64 bits"},
    {"test_slice_start_out_of_bounds", "its result is empty"},
    {"test_split_zero_size_splits", "its results are empty"},
    {"test_reshape_allowzero_reordered", "its result is empty"},
    {"test_cast_FLOAT_to_STRING", "strings"},
    {"test_cast_STRING_to_FLOAT", "strings"},
    {"test_castlike_FLOAT_to_STRING", "strings"},
    {"test_castlike_STRING_to_FLOAT", "strings"},
    {"test_cast_BFLOAT16_to_FLOAT", "NaN in a file is rejected"},
    {"test_cast_FLOAT_to_BFLOAT16", "NaN in a file is rejected"},
    {"test_castlike_BFLOAT16_to_FLOAT", "NaN in a file is rejected"},
    {"test_castlike_FLOAT_to_BFLOAT16", "NaN in a file is rejected"},
};

std::optional<std::string> reason_not_to_run(const std::string& name) {
  for (const auto& [part, reason] : kNotApplicable) {
    if (name.starts_with(part)) return reason;
  }
  return std::nullopt;
}

bool is_float(const TensorProto& tensor) { return tensor.data_type() == TensorProto::FLOAT; }

// Slightly stricter than the ONNX project's own comparison.
bool close(float expected, float actual) {
  if (std::isnan(expected) || std::isnan(actual)) return std::isnan(expected) && std::isnan(actual);
  return expected == actual || std::abs(expected - actual) <= 1e-5f + 1e-4f * std::abs(expected);
}

std::vector<float> as_floats(const graph::Tensor& tensor) {
  if (tensor.is_float()) return tensor.floats();
  return {tensor.ints().begin(), tensor.ints().end()};
}

bool same(const graph::Tensor& expected, std::span<const float> actual) {
  return std::ranges::equal(as_floats(expected), actual, close);
}

bool same(const graph::Tensor& expected, const graph::Tensor& actual) {
  if (expected.shape != actual.shape || expected.is_float() != actual.is_float()) return false;
  return expected.is_float() ? same(expected, std::span(actual.floats())) : expected.ints() == actual.ints();
}

std::vector<float> values(const NodeCase& node_case, const std::vector<int>& live) {
  std::vector<float> result;
  for (const int i : live) {
    const graph::Tensor tensor = graph::from_proto(node_case.inputs[static_cast<std::size_t>(i)], "input");
    const std::vector<float> elements = as_floats(tensor);
    result.insert(result.end(), elements.begin(), elements.end());
  }
  return result;
}

using Compile = std::shared_ptr<const Program> (*)(const graph::Graph&, const CompileOptions&);

class Suite {
 public:
  void run(const NodeCase& node_case) {
    const auto reason = reason_not_to_run(node_case.name);
    try {
      const int before = failed_, ways_before = ways_;
      if (!reason) run_all_ways(node_case);
      if (failed_ > before) return;
      if (ways_ > ways_before) {
        ++passed_;
      } else {
        not_applicable_[reason.value_or("values are floats")].push_back(node_case.name);
      }
    } catch (const std::exception& error) {
      fail(node_case, error.what());
    }
  }

  int report() const {
    std::size_t count = 0;
    for (const auto& [reason, names] : not_applicable_) {
      count += names.size();
      std::cout << "not applicable (" << reason << "):";
      for (const std::string& name : names) std::cout << ' ' << name;
      std::cout << '\n';
    }
    std::cout << passed_ << " passed (" << ways_ << " ways), " << failed_ << " failed, " << count
              << " not applicable\n";
    return failed_ == 0 && passed_ > 0 ? 0 : 1;
  }

 private:
  void fail(const NodeCase& node_case, const std::string& why) {
    ++failed_;
    std::cout << "FAILED " << node_case.name << ": " << why << '\n';
  }

  void run_all_ways(const NodeCase& node_case) {
    compute_at_load(node_case);
    const std::string& op = node_case.node().op_type();
    const unsigned kind = kOperators.at(op);
    const auto runs = [&](const TensorProto& tensor) { return is_float(tensor) || (kind & kOnIntegers) != 0; };
    if ((kind & kAtLoad) != 0 || node_case.inputs.empty() || !runs(node_case.inputs[0])) return;
    if (!std::ranges::all_of(node_case.outputs, runs)) return;
    const auto& first = node_case.inputs.front();
    const bool keeps_batch = first.dims_size() > 0 && std::ranges::all_of(node_case.outputs, [&](const auto& output) {
                               return output.dims_size() > 0 && output.dims(0) == first.dims(0);
                             });
    if (keeps_batch) execute(node_case, with_one_input(node_case), {0}, first.dims(0), "first input");
    execute(node_case, with_packed_inputs(node_case, {0}), {0}, 1, "first input, packed");
    if ((kind & kSeveralInputs) == 0 || node_case.inputs.size() < 2) return;
    if (!std::ranges::all_of(node_case.inputs, runs)) return;  // An exponent may be an integer.
    std::vector<int> all(node_case.inputs.size());
    for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
    execute(node_case, with_packed_inputs(node_case, all), all, 1, "all inputs, packed");
    execute(node_case, with_packed_inputs(node_case, {all.back()}), {all.back()}, 1, "last input, packed");
  }

  void compute_at_load(const NodeCase& node_case) {
    graph::Node node{node_case.node().op_type(), node_case.name, {}, {"y"}, {}};
    for (const auto& attribute : node_case.node().attribute()) {
      if (attribute.type() == onnx::AttributeProto::INT)
        node.attributes[attribute.name()] = std::int64_t{attribute.i()};
      if (attribute.type() == onnx::AttributeProto::INTS) {
        node.attributes[attribute.name()] = std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end());
      }
      if (attribute.type() == onnx::AttributeProto::TENSOR) {
        node.attributes[attribute.name()] = graph::from_proto(attribute.t(), "attribute");
      }
    }
    std::vector<graph::Tensor> tensors;
    for (const TensorProto& input : node_case.inputs) tensors.push_back(graph::from_proto(input, "input"));
    std::vector<const graph::Tensor*> inputs;
    for (const graph::Tensor& tensor : tensors) inputs.push_back(&tensor);
    for (std::size_t i = 0; i < inputs.size(); ++i) node.inputs.push_back(std::string("x").append(std::to_string(i)));
    graph::ElementTypes types;
    for (std::size_t i = 0; i < inputs.size(); ++i) types[node.inputs[i]] = node_case.inputs[i].data_type();
    graph::note_output_type(node, types);
    std::optional<graph::Tensor> result;
    if (node.op == "Shape") {
      result = graph::evaluate_shape(node, tensors.front().shape);
    } else if (node_case.outputs.size() == 1) {
      result = graph::evaluate(node, inputs);
    }
    if (!result) return;
    ++ways_;
    if (!same(graph::from_proto(node_case.outputs.front(), "output"), *result)) fail(node_case, "computed at load");
  }

  void execute(const NodeCase& node_case, const std::string& model, const std::vector<int>& live, std::int64_t batch,
               const std::string& how) {
    const graph::Graph graph = graph::parse_onnx(model, node_case.name);
    for (const auto& [executor, compile_with] :
         {std::pair<const char*, Compile>{"block executor", compile}, {"reference executor", compile_reference}}) {
      ++ways_;
      const auto program = compile_with(graph, {batch});
      const auto execution = program->new_execution();
      execution->set_input(values(node_case, live));
      for (int i = 0; i < program->exits(); ++i) {
        if (execution->run_conv_part(i, kNeverStop) != PartEnd::kDone ||
            execution->run_branch(i, kNeverStop) != PartEnd::kDone) {
          fail(node_case, "did not finish");
        }
      }
      for (int i = 0; i < program->exits(); ++i) {
        // Exits are ordered by depth, but the data by the file.
        const std::string& exit = program->blocks()[static_cast<std::size_t>(i)].output;
        const auto at = std::ranges::find(graph.outputs, exit) - graph.outputs.begin();
        const auto expected = graph::from_proto(node_case.outputs[static_cast<std::size_t>(at)], "output");
        if (!same(expected, execution->output(i))) fail(node_case, std::string(executor) + ", " + how);
      }
    }
  }

  int passed_ = 0, failed_ = 0, ways_ = 0;
  std::map<std::string, std::vector<std::string>> not_applicable_;
};

int run(const std::string& folder) {
  std::set<std::string> operators, met;
  for (const auto& [op, kind] : kOperators) operators.insert(op);
  const std::vector<NodeCase> cases = read_node_cases(folder, operators);
  for (const NodeCase& node_case : cases) met.insert(node_case.node().op_type());
  for (const std::string& op : operators) {
    if (!met.contains(op)) {
      std::cout << "no test for " << op << " in " << folder << '\n';
      return 1;
    }
  }
  Suite suite;
  for (const NodeCase& node_case : cases) suite.run(node_case);
  return suite.report();
}

}  // namespace
}  // namespace einet::exec

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " FOLDER\n";
    return 2;
  }
  try {
    return einet::exec::run(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
