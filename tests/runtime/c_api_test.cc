#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bundle/bundle.h"
#include "einet/einet_c.h"
#include "io/temporary_directory.h"
#include "runtime/c_handles.h"
#include "runtime/c_testing.h"
#include "runtime/fake_program.h"
#include "runtime/small_bundle.h"

namespace einet {
namespace {

using namespace std::chrono_literals;
using testing::expect_status;
using testing::fake_model;
using testing::FakeProgram;
using testing::Handle;
using testing::made;
using testing::wait;

Handle<einet_session> new_session(std::shared_ptr<const Model> model, const einet_session_options* options = nullptr) {
  const einet_model handle(std::move(model));  // The session outlives this handle.
  return made<einet_session>(einet_session_new, &handle, options);
}

/// Starts a run on one pixel.
std::uint64_t start(einet_session* session, float pixel, const einet_run_options* options = nullptr) {
  std::uint64_t run = 0;
  EXPECT_EQ(einet_session_start(session, &pixel, 1, options, &run), EINET_OK) << einet_last_error();
  return run;
}

/// A struct of a later version: `more` was appended.
template <class T>
struct Later {
  T known;
  std::uint64_t more = 0;
};

TEST(CApi, LastErrorIsPerThread) {
  std::thread([] { EXPECT_STREQ(einet_last_error(), ""); }).join();
  einet_model* model = nullptr;
  expect_status(einet_model_load("/no/such/bundle", nullptr, &model), EINET_NOT_FOUND, "/no/such/bundle: ");
  EXPECT_EQ(model, nullptr);
  const std::string text = einet_last_error();
  std::thread([&] {
    EXPECT_STREQ(einet_last_error(), "");
    expect_status(einet_model_load("/another", nullptr, &model), EINET_NOT_FOUND, "/another: ");
  }).join();
  EXPECT_EQ(einet_last_error(), text);
  EXPECT_NE(einet_model_load(std::string(3000, 'x').c_str(), nullptr, &model), EINET_OK);
  EXPECT_LT(std::strlen(einet_last_error()), 1024u);
}

TEST(CApi, NoExceptionLeavesTheLibrary) {
  const auto status = [](const PolicyFactory& policy) {
    const einet_model model(fake_model(2, 1us, 2, policy));
    einet_session* session = nullptr;
    const einet_status got = einet_session_new(&model, nullptr, &session);
    EXPECT_EQ(session, nullptr);
    return got;
  };
  using Made = std::unique_ptr<Policy>;
  expect_status(status([]() -> Made { throw std::bad_alloc(); }), EINET_OUT_OF_MEMORY, "memory");
  expect_status(status([]() -> Made { throw std::runtime_error("no luck"); }), EINET_UNKNOWN, "no luck");
  expect_status(status([]() -> Made { throw 1; }), EINET_UNKNOWN, "exception");
}

TEST(CApi, NullPointersAreErrors) {
  einet_model* model = nullptr;
  einet_session* session = nullptr;
  einet_slot* slot = nullptr;
  einet_answer answer = EINET_ANSWER_INIT;
  einet_owner owner = EINET_OWNER_INIT;
  einet_input input = EINET_INPUT_INIT;
  einet_event event = EINET_EVENT_INIT;
  einet_worker worker = EINET_WORKER_INIT;
  const float pixel = 0.0f;
  expect_status(einet_model_load(nullptr, nullptr, &model), EINET_USAGE, "bundle: is NULL");
  expect_status(einet_model_load("net.einet", nullptr, nullptr), EINET_USAGE, "model: is NULL");
  expect_status(einet_session_new(nullptr, nullptr, &session), EINET_USAGE, "model: is NULL");
  expect_status(einet_session_start(nullptr, &pixel, 1, nullptr, nullptr), EINET_USAGE, "session: is NULL");
  expect_status(einet_session_latest(nullptr, EINET_ANY_RUN, &answer), EINET_USAGE, "session: is NULL");
  expect_status(einet_session_wait(nullptr, &answer), EINET_USAGE, "session: is NULL");
  expect_status(einet_session_wait_next(nullptr, 0, &answer), EINET_USAGE, "session: is NULL");
  expect_status(einet_session_answer(nullptr, 0, &answer), EINET_USAGE, "session: is NULL");
  expect_status(einet_session_event(nullptr, 0, &event), EINET_USAGE, "session: is NULL");
  expect_status(einet_session_worker(nullptr, &worker), EINET_USAGE, "session: is NULL");
  expect_status(einet_session_supervise(nullptr, nullptr, &session), EINET_USAGE, "command: is NULL");
  expect_status(einet_run_worker(nullptr, nullptr, nullptr), EINET_USAGE, "bundle: is NULL");
  expect_status(einet_model_input(nullptr, &input), EINET_USAGE, "model: is NULL");
  expect_status(einet_stored_answer(nullptr, &answer, nullptr), EINET_USAGE, "path: is NULL");
  expect_status(einet_stored_answer("file", nullptr, nullptr), EINET_USAGE, "answer: is NULL");
  expect_status(einet_slot_create_anonymous(nullptr), EINET_USAGE, "slot: is NULL");
  expect_status(einet_slot_attach_descriptor(0, nullptr), EINET_USAGE, "slot: is NULL");
  expect_status(einet_slot_create(nullptr, &slot), EINET_USAGE, "path: is NULL");
  expect_status(einet_slot_create("slot", nullptr), EINET_USAGE, "slot: is NULL");
  expect_status(einet_slot_attach(nullptr, &slot), EINET_USAGE, "path: is NULL");
  expect_status(einet_slot_attach("slot", nullptr), EINET_USAGE, "slot: is NULL");
  expect_status(einet_slot_read(nullptr, &answer), EINET_USAGE, "slot: is NULL");
  expect_status(einet_slot_owner(nullptr, &owner), EINET_USAGE, "slot: is NULL");

  const auto running = new_session(fake_model(2, 1us));
  const einet_model some(fake_model(2, 1us));
  expect_status(einet_session_new(&some, nullptr, nullptr), EINET_USAGE, "session: is NULL");
  expect_status(einet_session_start(running.get(), nullptr, 1, nullptr, nullptr), EINET_USAGE, "image: is NULL");
  expect_status(einet_session_latest(running.get(), EINET_ANY_RUN, nullptr), EINET_USAGE, "answer: is NULL");
  expect_status(einet_session_wait(running.get(), nullptr), EINET_USAGE, "answer: is NULL");
  expect_status(einet_session_wait_next(running.get(), 0, nullptr), EINET_USAGE, "answer: is NULL");

  expect_status(einet_model_input(&some, nullptr), EINET_USAGE, "input: is NULL");
  expect_status(einet_session_event(running.get(), 0, nullptr), EINET_USAGE, "event: is NULL");

  EXPECT_EQ(einet_model_exits(nullptr), 0);
  EXPECT_EQ(einet_model_input_size(nullptr), 0u);
  EXPECT_EQ(einet_model_horizon_ns(nullptr), 0);
  EXPECT_EQ(einet_model_label(nullptr, 0), nullptr);
  EXPECT_STREQ(einet_model_digest(nullptr), "");
  EXPECT_EQ(einet_model_note(nullptr, 0), nullptr);
  EXPECT_EQ(einet_session_answers(nullptr), 0u);
  EXPECT_EQ(einet_session_state(nullptr), EINET_RUN_IDLE);
  EXPECT_EQ(einet_session_run(nullptr), 0u);
  EXPECT_STREQ(einet_session_failure(nullptr), "");
  EXPECT_STREQ(einet_session_persist_failure(nullptr), "");
  EXPECT_EQ(einet_slot_descriptor(nullptr), -1);
  EXPECT_EQ(einet_session_lost_slot(nullptr), 0);
  einet_session_interrupt(nullptr, EINET_ANY_RUN);
  einet_model_free(nullptr);
  einet_session_free(nullptr);
  einet_slot_free(nullptr);
}

TEST(CApi, OptionsOfOtherVersions) {
  const auto session = new_session(fake_model(2, 1us));
  const float pixel = 0.0f;
  const auto status = [&](const einet_run_options& options) {
    return einet_session_start(session.get(), &pixel, 1, &options, nullptr);
  };
  einet_run_options options = EINET_RUN_OPTIONS_INIT;
  options.frame = 9;
  for (const std::uint32_t size : {0u, 12u, 0xdeadbee8u}) {
    options.size = size;
    expect_status(status(options), EINET_USAGE, "run options: its size is " + std::to_string(size));
  }
  options.size = offsetof(einet_run_options, frame);  // An older version.
  EXPECT_EQ(status(options), EINET_OK);
  EXPECT_EQ(wait(session.get()).frame, 0u);

  Later<einet_run_options> later{.known = EINET_RUN_OPTIONS_INIT};
  later.known.size = sizeof later;
  later.known.frame = 9;
  EXPECT_EQ(status(later.known), EINET_OK);
  EXPECT_EQ(wait(session.get()).frame, 9u);
  later.more = 1;
  expect_status(status(later.known), EINET_USAGE, "an option that this version of the library does not support");
}

TEST(CApi, AnswersOfOtherVersions) {
  const auto session = new_session(fake_model(2, 1us));
  start(session.get(), 3.0f);
  const einet_answer whole = wait(session.get());
  einet_answer older = EINET_ANSWER_INIT;
  older.size = offsetof(einet_answer, sequence);
  older.sequence = 77;
  EXPECT_EQ(einet_session_wait(session.get(), &older), EINET_OK);
  EXPECT_EQ(older.size, offsetof(einet_answer, sequence));
  EXPECT_EQ(older.label, whole.label);
  EXPECT_EQ(older.sequence, 77u);

  Later<einet_answer> later{.known = EINET_ANSWER_INIT, .more = 77};
  later.known.size = sizeof later;
  EXPECT_EQ(einet_session_wait(session.get(), &later.known), EINET_OK);
  EXPECT_EQ(later.known.size, sizeof later);
  EXPECT_EQ(later.known.sequence, whole.sequence);
  EXPECT_EQ(later.more, 0u);

  older.size = 0;
  expect_status(einet_session_wait(session.get(), &older), EINET_USAGE, "answer: its size is 0");
}

TEST(CApi, RejectsInvalidOptions) {
  const einet_model model(fake_model(2, 1us));
  einet_session* session = nullptr;
  einet_session_options options = EINET_SESSION_OPTIONS_INIT;
  options.publish = 4;
  expect_status(einet_session_new(&model, &options, &session), EINET_USAGE, "publish: is 4");
  options.publish = EINET_PUBLISH_COMBINED;
  expect_status(einet_session_new(&model, &options, &session), EINET_NOT_FOUND, "combined answers");
  options = EINET_SESSION_OPTIONS_INIT;
  options.scheduling = -1;
  expect_status(einet_session_new(&model, &options, &session), EINET_USAGE, "scheduling: is -1");
  options = EINET_SESSION_OPTIONS_INIT;
  options.top = 6;
  expect_status(einet_session_new(&model, &options, &session), EINET_USAGE, "top: ");
  options = EINET_SESSION_OPTIONS_INIT;
  options.processor_count = 2;
  expect_status(einet_session_new(&model, &options, &session), EINET_USAGE, "processors: is NULL");
  options = EINET_SESSION_OPTIONS_INIT;
  options.initial = 3;
  expect_status(einet_session_new(&model, &options, &session), EINET_USAGE, "initial: is 3");
  options.initial = EINET_INITIAL_FREQUENT;
  expect_status(einet_session_new(&model, &options, &session), EINET_NOT_FOUND, "initial answer: ");
  options = EINET_SESSION_OPTIONS_INIT;
  options.reserved = 1;
  expect_status(einet_session_new(&model, &options, &session), EINET_USAGE, "reserved is not 0");
  options = EINET_SESSION_OPTIONS_INIT;
  options.persist = "/no/such/folder/file";
  expect_status(einet_session_new(&model, &options, &session), EINET_IO, "/no/such/folder/file: ");
  options.persist_every_ns = 0;
  expect_status(einet_session_new(&model, &options, &session), EINET_USAGE, "interval of persisted answers: ");
  EXPECT_EQ(session, nullptr);
}

TEST(CApi, InitialAnswersHaveALabelButNoExit) {
  einet_session_options options = EINET_SESSION_OPTIONS_INIT;
  options.initial = EINET_INITIAL_PREVIOUS;
  const auto session = new_session(fake_model(2, 1us), &options);
  start(session.get(), 3.0f);
  const einet_answer last = wait(session.get());
  einet_run_options at_once = EINET_RUN_OPTIONS_INIT;
  at_once.deadline_ns = 0;
  const float image = 5.0f;
  ASSERT_EQ(einet_session_start(session.get(), &image, 1, &at_once, nullptr), EINET_OK);
  const einet_answer initial = wait(session.get());
  EXPECT_EQ(initial.exit, -1);
  EXPECT_EQ(initial.label, last.label);
  EXPECT_EQ(initial.run, last.run);

  options.size = offsetof(einet_session_options, initial);  // A program compiled before this option existed.
  const auto older = new_session(fake_model(2, 1us), &options);
  start(older.get(), 3.0f);
  wait(older.get());
  ASSERT_EQ(einet_session_start(older.get(), &image, 1, &at_once, nullptr), EINET_OK);
  EXPECT_EQ(wait(older.get()).label, -1);
}

TEST(CApi, RunsBranchesOnASecondThread) {
  einet_session_options options = EINET_SESSION_OPTIONS_INIT;
  options.branch_lane = 1;
  const std::int32_t processor = 0;
  options.branch_processors = &processor;
  options.branch_processor_count = 1;
  const auto session = new_session(fake_model(5, 1us), &options);
  start(session.get(), 3.0f);
  EXPECT_EQ(wait(session.get()).exit, 4);
  options.branch_processor_count = 100000;
  einet_session* none = nullptr;
  const einet_model model(fake_model(2, 1us));
  expect_status(einet_session_new(&model, &options, &none), EINET_USAGE, "branch_processors");
  options.branch_processor_count = 1;
  options.branch_processors = nullptr;
  expect_status(einet_session_new(&model, &options, &none), EINET_USAGE, "branch_processors");
  options.size = offsetof(einet_session_options, branch_lane);  // A program compiled before this option existed.
  start(new_session(fake_model(2, 1us), &options).get(), 3.0f);
}

TEST(CApi, LoadsABundle) {
  const TemporaryDirectory directory;
  const std::string path = directory / "small.einet";
  bundle::save_bundle(testing::small_bundle(4, 40, 0.0), path);
  einet_model_options options = EINET_MODEL_OPTIONS_INIT;
  options.cache = "";
  options.tune = 0;
  const auto model = made<einet_model>(einet_model_load, path.c_str(), &options);
  EXPECT_EQ(einet_model_exits(model.get()), 4);
  EXPECT_EQ(einet_model_input_size(model.get()), 64u);
  EXPECT_GT(einet_model_horizon_ns(model.get()), 1000);
  EXPECT_STREQ(einet_model_label(model.get(), 9), "class 9");
  EXPECT_EQ(einet_model_label(model.get(), 10), nullptr);
  EXPECT_EQ(einet_model_label(model.get(), -1), nullptr);
  EXPECT_EQ(std::strlen(einet_model_digest(model.get())), 64u);
  EXPECT_EQ(einet_model_note(model.get(), 100), nullptr);

  options.branch_lane = 1;
  const auto two_lanes = made<einet_model>(einet_model_load, path.c_str(), &options);
  einet_session_options session = EINET_SESSION_OPTIONS_INIT;
  session.branch_lane = 1;
  made<einet_session>(einet_session_new, two_lanes.get(), &session);
  einet_session* refused = nullptr;
  expect_status(einet_session_new(model.get(), &session, &refused), EINET_USAGE, "branch lane");
  options.threads = 2;
  einet_model* none = nullptr;
  expect_status(einet_model_load(path.c_str(), &options, &none), EINET_USAGE, "second thread");
  options.threads = 1;
  options.distribution = "unifrom";
  expect_status(einet_model_load(path.c_str(), &options, &none), EINET_USAGE, "uniform");
  options.distribution = nullptr;
  options.precision = 2;
  expect_status(einet_model_load(path.c_str(), &options, &none), EINET_USAGE, "precision: is 2");
}

TEST(CApi, DescribesTheInput) {
  ModelParts parts;
  parts.program = std::make_shared<FakeProgram>(1, 1us, 1);
  parts.times = {.conv = {1e-6}, .branch = {1e-6}, .planning = {}};
  parts.policy = [] { return fixed_policy(plan::ExitPlan::all(1)); };
  parts.preprocessing = {.resize = {256}, .crop = {224, 192}, .interpolation = Interpolation::kBicubic};
  const einet_model model(Model::make(std::move(parts)));
  einet_input input = EINET_INPUT_INIT;
  ASSERT_EQ(einet_model_input(&model, &input), EINET_OK) << einet_last_error();
  const std::vector<std::int64_t>& shape = model.model->input_shape();
  ASSERT_EQ(input.dimensions, static_cast<int>(shape.size()) - 1);
  std::size_t values = 1;
  for (int i = 0; i < input.dimensions; ++i) {
    EXPECT_EQ(input.shape[i], shape[i + 1]);
    values *= static_cast<std::size_t>(input.shape[i]);
  }
  EXPECT_EQ(values, einet_model_input_size(&model));
  EXPECT_EQ(input.shape[input.dimensions], 0);
  EXPECT_EQ(input.resize[0], 256);
  EXPECT_EQ(input.resize[1], 0);
  EXPECT_EQ(input.crop[0], 224);
  EXPECT_EQ(input.crop[1], 192);
  EXPECT_EQ(input.interpolation, EINET_INTERPOLATION_BICUBIC);
}

TEST(CApi, ListsTheBlocksOfARun) {
  const auto session = new_session(fake_model(3, 1ms));
  einet_event event = EINET_EVENT_INIT;
  expect_status(einet_session_event(session.get(), 0, &event), EINET_NOT_FOUND, "event 0: the run has 0");
  start(session.get(), 3.0f);
  const einet_answer last = wait(session.get());
  std::int64_t end = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    ASSERT_EQ(einet_session_event(session.get(), i, &event), EINET_OK) << einet_last_error();
    EXPECT_EQ(event.kind, i % 2 == 0 ? EINET_BLOCK_CONV_PART : EINET_BLOCK_BRANCH);
    EXPECT_EQ(event.exit, static_cast<int>(i / 2));
    EXPECT_GE(event.begin_ns, end);
    EXPECT_GE(event.end_ns, event.begin_ns + 2'000'000);  // Two primitives of a millisecond.
    end = event.end_ns;
  }
  EXPECT_GE(last.elapsed_ns, end);
  expect_status(einet_session_event(session.get(), 6, &event), EINET_NOT_FOUND, "event 6: the run has 6");
  einet_worker worker = EINET_WORKER_INIT;
  expect_status(einet_session_worker(session.get(), &worker), EINET_USAGE, "session: has no worker process");
  const auto busy = new_session(fake_model(200, 1ms));
  start(busy.get(), 3.0f);
  expect_status(einet_session_event(busy.get(), 0, &event), EINET_USAGE, "event: a run is in progress");
}

TEST(CApi, ClassesWithoutLabelsAreNumbers) {
  const einet_model model(fake_model(2, 1us));
  EXPECT_STREQ(einet_model_label(&model, 7), "7");
  EXPECT_EQ(einet_model_label(&model, FakeProgram::kClasses), nullptr);
}

TEST(CApi, RunsToTheEnd) {
  einet_session_options options = EINET_SESSION_OPTIONS_INIT;
  options.top = 3;
  options.thread_name = "c-test";
  const auto session = new_session(fake_model(5, 10us), &options);
  EXPECT_EQ(einet_session_state(session.get()), EINET_RUN_IDLE);
  EXPECT_EQ(einet_session_run(session.get()), 0u);
  EXPECT_EQ(wait(session.get()).exit, -1);

  const std::uint64_t run = start(session.get(), 3.0f);
  const einet_answer last = wait(session.get());
  EXPECT_EQ(einet_session_state(session.get()), EINET_RUN_FINISHED);
  EXPECT_EQ(einet_session_run(session.get()), run);
  EXPECT_EQ(last.size, sizeof last);
  EXPECT_EQ(last.exit, 4);
  EXPECT_EQ(last.label, FakeProgram::label(3.0f, 4));
  EXPECT_GT(last.confidence, 0.1f);
  EXPECT_EQ(last.run, run);
  EXPECT_GT(last.elapsed_ns, 0);
  EXPECT_LE(last.time_ns, Clock::now().time_since_epoch().count());
  EXPECT_NE(last.others[1].label, -1);
  EXPECT_EQ(last.others[2].label, -1);

  ASSERT_EQ(einet_session_answers(session.get()), 5u);
  einet_answer answer = EINET_ANSWER_INIT;
  for (std::size_t i = 0; i < 5; ++i) {
    const std::uint64_t before = answer.sequence;
    ASSERT_EQ(einet_session_answer(session.get(), i, &answer), EINET_OK);
    EXPECT_EQ(answer.exit, static_cast<int>(i));
    EXPECT_GT(answer.sequence, before);
  }
  EXPECT_EQ(answer.sequence, last.sequence);
  expect_status(einet_session_answer(session.get(), 5, &answer), EINET_NOT_FOUND, "answer 5: the run has 5");
  EXPECT_EQ(einet_session_latest(session.get(), run, &answer), EINET_OK);
  EXPECT_EQ(answer.sequence, last.sequence);
  EXPECT_EQ(einet_session_latest(session.get(), run + 1, &answer), EINET_OK);
  EXPECT_EQ(answer.exit, -1);
}

TEST(CApi, AFailedStartDoesNotDisturbTheRun) {
  const auto session = new_session(fake_model(2, 1us));
  const std::uint64_t run = start(session.get(), 3.0f);
  const float pixels[] = {std::numeric_limits<float>::quiet_NaN(), 1.0f};
  std::uint64_t refused = 7;
  expect_status(einet_session_start(session.get(), pixels, 2, nullptr, &refused), EINET_INVALID_DATA, "has 2 values");
  expect_status(einet_session_start(session.get(), pixels, 1, nullptr, &refused), EINET_INVALID_DATA, "not finite");
  EXPECT_EQ(refused, 7u);
  EXPECT_EQ(wait(session.get()).run, run);
}

TEST(CApi, ADeadlineEndsARun) {
  const auto session = new_session(fake_model(100, 1ms));
  einet_run_options options = EINET_RUN_OPTIONS_INIT;
  options.deadline_ns = 200'000'000;
  options.frame = 12;
  start(session.get(), 3.0f, &options);
  const einet_answer answer = wait(session.get());
  EXPECT_EQ(einet_session_state(session.get()), EINET_RUN_INTERRUPTED);
  EXPECT_LT(answer.elapsed_ns, options.deadline_ns);
  EXPECT_EQ(answer.frame, 12u);
  options.deadline_ns = -1;
  start(session.get(), 3.0f, &options);
  EXPECT_EQ(wait(session.get()).exit, -1);
}

TEST(CApi, WaitsForEachAnswer) {
  const auto session = new_session(fake_model(4, 500us));
  start(session.get(), 3.0f);
  einet_answer answer = EINET_ANSWER_INIT;
  std::uint64_t seen = 0;
  do {
    seen = answer.sequence;
    ASSERT_EQ(einet_session_wait_next(session.get(), seen, &answer), EINET_OK);
  } while (answer.sequence > seen);
  EXPECT_EQ(answer.exit, 3);
  EXPECT_EQ(einet_session_state(session.get()), EINET_RUN_FINISHED);
}

TEST(CApi, AFailedRunReportsTheReason) {
  const auto program = std::make_shared<FakeProgram>(3, 1us, 2);
  program->fail_at(1);
  const auto session = new_session(fake_model(program));
  start(session.get(), 3.0f);
  EXPECT_EQ(wait(session.get()).exit, 0);
  EXPECT_EQ(einet_session_state(session.get()), EINET_RUN_FAILED);
  EXPECT_STREQ(einet_session_failure(session.get()), "a primitive reported an error");
}

einet_session* interrupted_session = nullptr;

TEST(CApi, InterruptsInASignalHandler) {
  const auto session = new_session(fake_model(100, 1ms));
  interrupted_session = session.get();
  struct sigaction action {
  }, before{};
  action.sa_handler = [](int) { einet_session_interrupt(interrupted_session, EINET_ANY_RUN); };
  ASSERT_EQ(::sigaction(SIGUSR1, &action, &before), 0);
  start(session.get(), 3.0f);
  einet_answer answer = EINET_ANSWER_INIT;
  EXPECT_EQ(einet_session_wait_next(session.get(), 0, &answer), EINET_OK);
  EXPECT_GE(answer.exit, 0);
  ::raise(SIGUSR1);
  EXPECT_LT(wait(session.get()).exit, 99);
  EXPECT_EQ(einet_session_state(session.get()), EINET_RUN_INTERRUPTED);
  ::sigaction(SIGUSR1, &before, nullptr);
}

TEST(CApi, InterruptsByNumber) {
  const auto session = new_session(fake_model(100, 1ms));
  einet_session_interrupt(session.get(), 1);
  EXPECT_EQ(start(session.get(), 3.0f), 1u);
  EXPECT_EQ(wait(session.get()).exit, -1);
  const std::uint64_t run = start(session.get(), 3.0f);
  einet_session_interrupt(session.get(), run - 1);
  EXPECT_EQ(einet_session_state(session.get()), EINET_RUN_RUNNING);
  einet_session_interrupt(session.get(), run);
  wait(session.get());
  EXPECT_EQ(einet_session_state(session.get()), EINET_RUN_INTERRUPTED);
}

}  // namespace
}  // namespace einet
