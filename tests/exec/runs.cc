#include "exec/runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <dnnl.hpp>
#include <random>

#include "exec/pipeline.h"

namespace einet::exec {

Outputs run(const Program& program, Execution& execution, const std::vector<float>& input,
            const std::vector<bool>& planned) {
  Outputs outputs(static_cast<std::size_t>(program.exits()));
  execution.set_input(input);
  for (int i = 0; i < program.exits(); ++i) {
    EXPECT_EQ(execution.run_conv_part(i, kNeverStop), PartEnd::kDone);
    if (planned[static_cast<std::size_t>(i)]) {
      EXPECT_EQ(execution.run_branch(i, kNeverStop), PartEnd::kDone);
    }
  }
  // Read at the end, because an output must be valid until the next input.
  for (int i = 0; i < program.exits(); ++i) {
    if (!planned[static_cast<std::size_t>(i)]) continue;
    const auto output = execution.output(i);
    outputs[static_cast<std::size_t>(i)].assign(output.begin(), output.end());
  }
  return outputs;
}

Outputs run(const Program& program, const std::vector<float>& input) {
  return run(program, *program.new_execution(), input,
             std::vector<bool>(static_cast<std::size_t>(program.exits()), true));
}

std::vector<float> random_input(const Program& program, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> input(static_cast<std::size_t>(program.input_size()));
  for (float& value : input) value = normal(random);
  return input;
}

std::vector<bool> random_plan(const Program& program, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<bool> plan(static_cast<std::size_t>(program.exits()));
  for (std::size_t i = 0; i < plan.size(); ++i) plan[i] = random() % 2 == 1;
  return plan;
}

Tuning wherever_possible(const graph::Graph& graph, Choice choice) {
  Tuning tuning;
  for (const Operation& operation : lower_and_fuse(prepare(graph, 1)).operations) {
    tuning.choices[operation.node] = to_string(choice);  // Ignored where it is not a candidate.
  }
  return tuning;
}

double relative_difference(const std::vector<float>& expected, const std::vector<float>& actual) {
  if (expected.size() != actual.size()) return INFINITY;
  // Smaller outputs may differ by 1e-7, the rounding error of values of order 1; the average of a normalised map is
  // only rounding error.
  double difference = 0.0, largest = 1e-3;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!std::isfinite(expected[i]) || !std::isfinite(actual[i])) return INFINITY;
    difference = std::max(difference, std::abs(double{expected[i]} - actual[i]));
    largest = std::max(largest, std::abs(double{expected[i]}));
  }
  return difference / largest;
}

namespace {

// With only SSE4.1, oneDNN has only plain loops for some convolutions to a single channel.
bool has_fast_convolutions() { return dnnl::get_effective_cpu_isa() != dnnl::cpu_isa::sse41; }

}  // namespace

void expect_agreement(const graph::Graph& graph, std::int64_t batch, std::uint64_t seed) {
  const auto program = compile(graph, {batch});
  const auto reference = compile_reference(graph, {batch});
  ASSERT_EQ(program->exits(), reference->exits());
  for (const std::string& line : program->implementations()) {
    if (!has_fast_convolutions()) break;
    EXPECT_EQ(line.find(": ref"), std::string::npos) << line;
    EXPECT_EQ(line.find(": simple"), std::string::npos) << line;
  }

  const auto execution = program->new_execution();
  for (std::uint64_t round = 0; round < 2; ++round) {
    const std::vector<float> input = random_input(*program, seed + round);
    const Outputs expected = run(*reference, input);
    const Outputs all = run(*program, *execution, input, std::vector<bool>(expected.size(), true));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(static_cast<std::int64_t>(expected[i].size()), batch * program->outputs(static_cast<int>(i)));
      EXPECT_LT(relative_difference(expected[i], all[i]), 1e-4) << "exit " << i + 1;
    }
    for (std::uint64_t choice = 0; choice < 3; ++choice) {
      const std::vector<bool> plan = random_plan(*program, seed * 31 + choice);
      const Outputs some = run(*program, *execution, input, plan);
      for (std::size_t i = 0; i < plan.size(); ++i) {
        if (plan[i]) {
          EXPECT_EQ(some[i], all[i]) << "exit " << i + 1 << " after skipping others";
        }
      }
    }
  }
}

}  // namespace einet::exec
