#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <optional>
#include <span>
#include <utility>

#include "einet/error.h"
#include "exec/scores.h"
#include "runtime/c_handles.h"
#include "runtime/model_parts.h"

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
static_assert(same(EINET_SCHEDULING_INHERITED, Scheduling::kInherited) &&
              same(EINET_SCHEDULING_NORMAL, Scheduling::kNormal) && same(EINET_SCHEDULING_FIFO, Scheduling::kFifo) &&
              same(EINET_SCHEDULING_ROUND_ROBIN, Scheduling::kRoundRobin));

thread_local char last_error[1024] = "";

void set_last_error(const char* text) noexcept { std::snprintf(last_error, sizeof last_error, "%s", text); }

/// Converts exceptions to status codes: none may leave the library.
template <class Action>
einet_status guarded(Action action) noexcept {
  try {
    action();
    return EINET_OK;
  } catch (const Error& error) {
    set_last_error(error.what());
    return static_cast<einet_status>(static_cast<int>(error.kind()) + 1);
  } catch (const std::bad_alloc&) {
    set_last_error("memory: allocation failed");
    return EINET_OUT_OF_MEMORY;
  } catch (const std::exception& error) {
    set_last_error(error.what());
    return EINET_UNKNOWN;
  } catch (...) {
    set_last_error("an exception not derived from std::exception");
    return EINET_UNKNOWN;
  }
}

template <class T>
T& required(T* pointer, const char* what) {
  if (pointer == nullptr) throw Error(ErrorKind::kUsage, what, "is NULL");
  return *pointer;
}

/// The size stated in the caller's struct. Detects most uninitialised memory.
template <class T>
std::size_t stated_size(const T& given, const char* what) {
  constexpr std::size_t kMost = 4096;
  const std::size_t size = given.size;
  if (size == 0 || size > kMost || size % alignof(T) != 0) {
    throw Error(ErrorKind::kUsage, what,
                "its size is " + std::to_string(size) + ", which no version has; initialise it with its EINET_…_INIT");
  }
  return size;
}

/// The caller's options, which may be null or of another version.
template <class T>
T complete(const T* given, T options, const char* what) {
  if (given == nullptr) return options;
  const std::size_t size = stated_size(*given, what);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(given);
  if (std::any_of(bytes + std::min(size, sizeof(T)), bytes + size, [](unsigned char byte) { return byte != 0; })) {
    throw Error(ErrorKind::kUsage, what, "sets an option that this version of the library does not have");
  }
  std::memcpy(&options, bytes, std::min(size, sizeof(T)));
  return options;
}

/// Copies the result of `compute` to the caller's struct, which may be of another version.
template <class T, class Compute>
einet_status give(T* out, const char* what, Compute compute) noexcept {
  return guarded([&] {
    const std::size_t size = stated_size(required(out, what), what);
    T value = compute();
    value.size = static_cast<std::uint32_t>(size);
    std::memset(out, 0, size);
    std::memcpy(out, &value, std::min(size, sizeof(T)));
  });
}

einet_answer to_c(const Answer& answer) {
  einet_answer out = EINET_ANSWER_INIT;
  out.label = answer.label;
  out.exit = answer.exit;
  out.confidence = answer.confidence;
  out.sequence = answer.sequence;
  out.run = answer.run;
  out.frame = answer.frame;
  out.elapsed_ns = answer.elapsed.count();
  out.time_ns = nanoseconds(answer.time.time_since_epoch()).count();
  static_assert(std::tuple_size_v<decltype(Answer::others)> == std::size(decltype(out.others){}));
  for (std::size_t i = 0; i < answer.others.size(); ++i) {
    out.others[i] = {answer.others[i].label, answer.others[i].confidence};
  }
  return out;
}

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
  return options;
}

SessionOptions session_options(const einet_session_options* given) {
  const einet_session_options c = complete(given, EINET_SESSION_OPTIONS_INIT, "session options");
  SessionOptions options;
  options.publish = publish_choice(c.publish);
  if (c.slot != nullptr) {
    options.slot = c.slot->writable;
    if (!options.slot) throw Error(ErrorKind::kUsage, "slot", "is attached for reading only; use einet_slot_create()");
  }
  options.take_over = c.take_over != 0;
  options.top = c.top;
  options.deadlines = c.deadlines != 0;
  options.spin = nanoseconds(c.spin_ns);
  options.threads.scheduling = choice<Scheduling>(c.scheduling, 4, "scheduling");
  options.threads.priority = c.priority;
  options.threads.lock_memory = c.lock_memory != 0;
  if (c.processor_count > CPU_SETSIZE) throw Error(ErrorKind::kUsage, "processor_count", "is too large");
  if (c.processor_count > 0) {
    const std::int32_t* const first = &required(c.processors, "processors");
    options.threads.processors.assign(first, first + c.processor_count);
  }
  if (c.thread_name != nullptr) options.threads.name = c.thread_name;
  options.initial = choice<Initial>(c.initial, 3, "initial");
  if (c.reserved != 0) throw Error(ErrorKind::kUsage, "session options", "reserved is not 0");
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

}  // namespace
}  // namespace einet

using einet::give;
using einet::guarded;
using einet::required;

einet_model::einet_model(std::shared_ptr<const einet::Model> made) : model(std::move(made)) {
  const einet::exec::Program& program = *model->parts().program;
  int classes = 0;
  for (int exit = 0; exit < program.exits(); ++exit) {
    classes = std::max(classes, einet::exec::class_count(program.outputs(exit), program.blocks()[exit].head));
  }
  for (int label = 0; label < classes; ++label) class_names.push_back(model->label_name(label));
}

const char* einet_version(void) { return EINET_VERSION; }

const char* einet_last_error(void) { return einet::last_error; }

einet_status einet_model_load(const char* bundle, const einet_model_options* options, einet_model** model) {
  return guarded([&] {
    einet_model*& out = required(model, "model");
    out = new einet_model(einet::Model::load(&required(bundle, "bundle"), einet::model_options(options)));
  });
}

void einet_model_free(einet_model* model) { delete model; }

int32_t einet_model_exits(const einet_model* model) { return model == nullptr ? 0 : model->model->exits(); }

size_t einet_model_input_size(const einet_model* model) { return model == nullptr ? 0 : model->model->input_size(); }

int64_t einet_model_horizon_ns(const einet_model* model) {
  return model == nullptr ? 0 : std::chrono::round<einet::nanoseconds>(model->model->horizon()).count();
}

const char* einet_model_label(const einet_model* model, int32_t label) {
  if (model == nullptr || label < 0 || static_cast<std::size_t>(label) >= model->class_names.size()) return nullptr;
  return model->class_names[static_cast<std::size_t>(label)].c_str();
}

const char* einet_model_digest(const einet_model* model) {
  return model == nullptr ? "" : model->model->digest().c_str();
}

const char* einet_model_note(const einet_model* model, size_t index) {
  if (model == nullptr || index >= model->model->notes().size()) return nullptr;
  return model->model->notes()[index].c_str();
}

einet_status einet_session_new(const einet_model* model, const einet_session_options* options,
                               einet_session** session) {
  return guarded([&] {
    einet_session*& out = required(session, "session");
    out = new einet_session(required(model, "model").model, einet::session_options(options));
  });
}

void einet_session_free(einet_session* session) { delete session; }

einet_status einet_session_start(einet_session* session, const float* image, size_t count,
                                 const einet_run_options* options, uint64_t* run) {
  return guarded([&] {
    einet_session& handle = required(session, "session");
    const std::uint64_t number = handle.session.start({&required(image, "image"), count}, einet::run_options(options));
    handle.run.store(number, std::memory_order_relaxed);
    if (run != nullptr) *run = number;
  });
}

void einet_session_interrupt(einet_session* session, uint64_t run) {
  if (session == nullptr) return;
  run == EINET_ANY_RUN ? session->session.interrupt() : session->session.interrupt(run);
}

einet_status einet_session_latest(const einet_session* session, uint64_t run, einet_answer* answer) {
  return give(answer, "answer", [&] {
    const einet::Session& running = required(session, "session").session;
    return einet::to_c(run == EINET_ANY_RUN ? running.latest() : running.latest(run));
  });
}

einet_status einet_session_wait(einet_session* session, einet_answer* answer) {
  return give(answer, "answer", [&] { return einet::to_c(required(session, "session").session.wait()); });
}

einet_status einet_session_wait_next(einet_session* session, uint64_t sequence, einet_answer* answer) {
  return give(answer, "answer", [&] { return einet::to_c(required(session, "session").session.wait_next(sequence)); });
}

size_t einet_session_answers(const einet_session* session) {
  return session == nullptr ? 0 : session->session.answers().size();
}

einet_status einet_session_answer(const einet_session* session, size_t index, einet_answer* answer) {
  return give(answer, "answer", [&] {
    const std::span<const einet::Answer> answers = required(session, "session").session.answers();
    if (index >= answers.size()) {
      throw einet::Error(einet::ErrorKind::kNotFound, "answer " + std::to_string(index),
                         "the run has " + std::to_string(answers.size()));
    }
    return einet::to_c(answers[index]);
  });
}

einet_run_state einet_session_state(const einet_session* session) {
  return session == nullptr ? EINET_RUN_IDLE : static_cast<einet_run_state>(session->session.state());
}

uint64_t einet_session_run(const einet_session* session) {
  return session == nullptr ? 0 : session->run.load(std::memory_order_relaxed);
}

const char* einet_session_failure(const einet_session* session) {
  // The reasons are literals, so they are null-terminated.
  return session == nullptr || session->session.failure().empty() ? "" : session->session.failure().data();
}

int32_t einet_session_lost_slot(const einet_session* session) {
  return session != nullptr && session->session.lost_slot() ? 1 : 0;
}

einet_status einet_slot_create(const char* path, einet_slot** slot) {
  return guarded([&] {
    einet_slot*& out = required(slot, "slot");
    const std::shared_ptr<einet::SharedSlot> created = einet::SharedSlot::create(&required(path, "path"));
    out = new einet_slot{created, created};
  });
}

einet_status einet_slot_attach(const char* path, einet_slot** slot) {
  return guarded([&] {
    einet_slot*& out = required(slot, "slot");
    out = new einet_slot{einet::SharedSlot::attach(&required(path, "path")), nullptr};
  });
}

einet_status einet_slot_read(const einet_slot* slot, einet_answer* answer) {
  return give(answer, "answer", [&] { return einet::to_c(required(slot, "slot").readable->read()); });
}

einet_status einet_slot_owner(const einet_slot* slot, einet_owner* owner) {
  return give(owner, "owner", [&] {
    const einet::SharedSlot& shared = *required(slot, "slot").readable;
    const einet::SlotOwner now = shared.owner();
    einet_owner out = EINET_OWNER_INIT;
    out.alive = now.alive ? 1 : 0;
    out.process = now.process;
    out.start_time = now.start_time;
    out.epoch = now.epoch;
    std::snprintf(out.model, sizeof out.model, "%s", shared.model().c_str());
    return out;
  });
}

void einet_slot_free(einet_slot* slot) { delete slot; }
