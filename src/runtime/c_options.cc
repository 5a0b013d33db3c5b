#include "runtime/c_options.h"

#include <sched.h>

#include "runtime/c_handles.h"
#include "runtime/c_status.h"

namespace einet {
namespace {

using std::chrono::nanoseconds;

/// Whether an enumerator of the C API has the value of its C++ counterpart.
template <class Enum>
constexpr bool same(int value, Enum enumerator, int offset = 0) {
  return value == static_cast<int>(enumerator) + offset;
}

static_assert(same(EINET_USAGE, ErrorKind::kUsage, 1) && same(EINET_NOT_FOUND, ErrorKind::kNotFound, 1) &&
              same(EINET_INVALID_DATA, ErrorKind::kInvalidData, 1) &&
              same(EINET_UNSUPPORTED, ErrorKind::kUnsupported, 1) && same(EINET_IO, ErrorKind::kIo, 1) &&
              same(EINET_INTERNAL, ErrorKind::kInternal, 1));
static_assert(same(EINET_RUN_IDLE, RunState::kIdle) && same(EINET_RUN_RUNNING, RunState::kRunning) &&
              same(EINET_RUN_FINISHED, RunState::kFinished) && same(EINET_RUN_INTERRUPTED, RunState::kInterrupted) &&
              same(EINET_RUN_FAILED, RunState::kFailed));
static_assert(same(EINET_PUBLISH_LATEST, Publish::kLatest, 1) &&
              same(EINET_PUBLISH_MOST_CONFIDENT, Publish::kMostConfident, 1) &&
              same(EINET_PUBLISH_COMBINED, Publish::kCombined, 1));
static_assert(same(EINET_INITIAL_NONE, Initial::kNone) && same(EINET_INITIAL_FREQUENT, Initial::kFrequent) &&
              same(EINET_INITIAL_PREVIOUS, Initial::kPrevious));
static_assert(same(EINET_PRECISION_FLOAT32, Precision::kFloat32) &&
              same(EINET_PRECISION_BFLOAT16, Precision::kBfloat16));
static_assert(same(EINET_INTERPOLATION_NEAREST, Interpolation::kNearest) &&
              same(EINET_INTERPOLATION_BILINEAR, Interpolation::kBilinear) &&
              same(EINET_INTERPOLATION_BICUBIC, Interpolation::kBicubic));
static_assert(same(EINET_BLOCK_CONV_PART, plan::BlockKind::kConvPart) &&
              same(EINET_BLOCK_BRANCH, plan::BlockKind::kBranch) &&
              same(EINET_BLOCK_PLANNING, plan::BlockKind::kPlanning));
static_assert(same(EINET_SCHEDULING_INHERITED, Scheduling::kInherited) &&
              same(EINET_SCHEDULING_NORMAL, Scheduling::kNormal) && same(EINET_SCHEDULING_FIFO, Scheduling::kFifo) &&
              same(EINET_SCHEDULING_ROUND_ROBIN, Scheduling::kRoundRobin));

/// Converts to one of `count` enumerators, numbered from 0.
template <class Enum>
Enum choice(std::int32_t value, std::int32_t count, const char* what) {
  if (value < 0 || value >= count)
    throw Error(ErrorKind::kUsage, what,
                "is " + std::to_string(value) + ", which is not one of the values of this option");
  return static_cast<Enum>(value);
}

std::optional<Publish> publish_choice(std::int32_t value) {
  const auto chosen = choice<einet_publish>(value, 4, "publish");
  if (chosen == EINET_PUBLISH_DEFAULT) return std::nullopt;
  return static_cast<Publish>(chosen - 1);
}

std::vector<int> processors(const std::int32_t* first, std::uint64_t count, const char* what) {
  if (count > CPU_SETSIZE) throw Error(ErrorKind::kUsage, what, "are too many");
  if (count == 0) return {};
  required(first, what);
  return {first, first + count};
}

/// The slot as one that a session can own; null if there is none.
std::shared_ptr<SharedSlot> writable(const einet_slot* slot) {
  if (slot == nullptr) return nullptr;
  if (!slot->writable) throw Error(ErrorKind::kUsage, "slot", "is attached for reading only; use einet_slot_create()");
  return slot->writable;
}

}  // namespace

ModelOptions model_options(const einet_model_options* given) {
  const einet_model_options c = complete(given, EINET_MODEL_OPTIONS_INIT, "model options");
  ModelOptions options;
  if (c.distribution != nullptr) options.distribution = c.distribution;
  if (c.planner != nullptr) options.planner = c.planner;
  if (c.cache != nullptr) options.cache = c.cache;
  options.threads = c.threads;
  options.precision = choice<Precision>(c.precision, 2, "precision");
  options.decision_table = c.decision_table != 0;
  options.tune = c.tune != 0;
  options.measure = c.measure != 0;
  options.branch_lane = c.branch_lane != 0;
  if (c.reserved != 0) throw Error(ErrorKind::kUsage, "model options", "reserved is not 0");
  return options;
}

SessionOptions session_options(const einet_session_options* given) {
  const einet_session_options c = complete(given, EINET_SESSION_OPTIONS_INIT, "session options");
  SessionOptions options;
  options.publish = publish_choice(c.publish);
  options.slot = writable(c.slot);
  options.take_over = c.take_over != 0;
  options.top = c.top;
  options.deadlines = c.deadlines != 0;
  options.spin = nanoseconds(c.spin_ns);
  options.threads.scheduling = choice<Scheduling>(c.scheduling, 4, "scheduling");
  options.threads.priority = c.priority;
  options.threads.lock_memory = c.lock_memory != 0;
  options.threads.processors = processors(c.processors, c.processor_count, "processors");
  if (c.thread_name != nullptr) options.threads.name = c.thread_name;
  options.initial = choice<Initial>(c.initial, 3, "initial");
  if (c.reserved != 0) throw Error(ErrorKind::kUsage, "session options", "reserved is not 0");
  if (c.persist != nullptr) options.persist = c.persist;
  options.persist_every = nanoseconds(c.persist_every_ns);
  options.branch_lane = c.branch_lane != 0;
  options.threads.branch_priority = c.branch_priority;
  options.threads.branch_processors = processors(c.branch_processors, c.branch_processor_count, "branch_processors");
  return options;
}

RunOptions run_options(const einet_run_options* given) {
  const einet_run_options c = complete(given, EINET_RUN_OPTIONS_INIT, "run options");
  RunOptions options;
  if (c.deadline_ns != EINET_DEADLINE_NONE) options.deadline = nanoseconds(c.deadline_ns);
  options.publish = publish_choice(c.publish);
  options.frame = c.frame;
  return options;
}

SupervisorOptions supervisor_options(const einet_supervisor_options* given) {
  const einet_supervisor_options c = complete(given, EINET_SUPERVISOR_OPTIONS_INIT, "supervisor options");
  SupervisorOptions options;
  options.slot = writable(c.slot);
  options.take_over = c.take_over != 0;
  if (c.persist != nullptr) options.persist = c.persist;
  options.persist_every = nanoseconds(c.persist_every_ns);
  options.unresponsive_after = nanoseconds(c.unresponsive_after_ns);
  options.load_limit = nanoseconds(c.load_limit_ns);
  return options;
}

}  // namespace einet
