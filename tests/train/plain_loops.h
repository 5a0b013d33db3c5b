#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "exec/program.h"
#include "train/trainer.h"

namespace einet::train {

inline std::vector<float> random_values(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

/// Expects equal results from trainer and reference executor for `count` inputs, random unless given.
inline void expect_agreement_with_plain_loops(const graph::Graph& graph, int count, std::vector<float> input = {}) {
  const auto program = exec::compile_reference(graph, {.batch = count});
  if (input.empty()) input = random_values(program->input_size(), 5);
  const std::vector<std::vector<float>> ours = evaluate(graph, input, count);
  const std::unique_ptr<exec::Execution> execution = program->new_execution();
  execution->set_input(input);
  ASSERT_EQ(static_cast<int>(ours.size()), program->exits());
  for (int exit = 0; exit < program->exits(); ++exit) {
    execution->run_conv_part(exit, exec::kNeverStop);
    execution->run_branch(exit, exec::kNeverStop);
    const std::span<const float> expected = execution->output(exit);
    ASSERT_EQ(ours[exit].size(), expected.size());
    float largest = 0;
    for (const float value : expected) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(ours[exit][i], expected[i], 1e-4f * largest);
  }
}

}  // namespace einet::train
