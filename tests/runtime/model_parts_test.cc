#include "runtime/model_parts.h"

#include <gtest/gtest.h>

#include "einet/error.h"
#include "einet/model.h"
#include "runtime/fake_program.h"

namespace einet {
namespace {

using namespace std::chrono_literals;
using testing::FakeProgram;

TEST(Model, RejectsInconsistentParts) {
  const auto parts = [] {
    ModelParts parts;
    parts.program = std::make_shared<FakeProgram>(2, 1us, 1);
    parts.times = {.conv = {1e-6, 1e-6}, .branch = {1e-6, 1e-6}, .planning = {}};
    parts.policy = [] { return fixed_policy(plan::ExitPlan::all(2)); };
    return parts;
  };
  EXPECT_NO_THROW(Model::make(parts()));
  ModelParts times = parts();
  times.times = {.conv = {1e-6}, .branch = {1e-6}, .planning = {}};
  EXPECT_THROW(Model::make(times), Error);
  ModelParts channels = parts();
  channels.normalization.mean = {0, 0, 0};
  EXPECT_THROW(Model::make(channels), Error);
  ModelParts deviation = parts();
  deviation.normalization.stddev = {0};
  EXPECT_THROW(Model::make(deviation), Error);
  ModelParts nothing = parts();
  nothing.program = nullptr;
  EXPECT_THROW(Model::make(nothing), Error);
}

}  // namespace
}  // namespace einet
