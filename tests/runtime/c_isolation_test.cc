// Supervised sessions in the C API. This program is its own worker: "c_isolation_test --worker BUNDLE".

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "bundle/bundle.h"
#include "einet/einet_c.h"
#include "io/temporary_directory.h"
#include "runtime/c_testing.h"
#include "runtime/small_bundle.h"

namespace einet {
namespace {

using namespace std::chrono_literals;
using testing::expect_status;
using testing::made;
using testing::wait;

constexpr int kExits = 4;
constexpr std::size_t kPixels = 64;

int worker_main(const char* bundle) {
  einet_model_options options = EINET_MODEL_OPTIONS_INIT;
  options.cache = "";
  options.tune = 0;
  const einet_status status = einet_run_worker(bundle, &options, nullptr);
  return status == EINET_OK ? 0 : 1;
}

class CIsolation : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    directory_ = std::make_unique<TemporaryDirectory>();
    bundle::save_bundle(testing::small_bundle(kExits, 40, 0.0), *directory_ / "small.einet");
  }
  static void TearDownTestSuite() { directory_.reset(); }

  static std::string path(const char* name) { return *directory_ / name; }

  static testing::Handle<einet_session> supervise(const einet_supervisor_options* options = nullptr) {
    const std::string bundle = path("small.einet");
    const char* const command[] = {"/proc/self/exe", "--worker", bundle.c_str(), nullptr};
    return made<einet_session>(einet_session_supervise, static_cast<const char* const*>(command), options);
  }

  static std::uint64_t start(einet_session* session) {
    const std::vector<float> image(kPixels, 0.5f);
    std::uint64_t run = 0;
    EXPECT_EQ(einet_session_start(session, image.data(), image.size(), nullptr, &run), EINET_OK) << einet_last_error();
    return run;
  }

  static einet_worker worker_of(const einet_session* session) {
    einet_worker worker = EINET_WORKER_INIT;
    EXPECT_EQ(einet_session_worker(session, &worker), EINET_OK) << einet_last_error();
    return worker;
  }

 private:
  static inline std::unique_ptr<TemporaryDirectory> directory_;
};

TEST_F(CIsolation, AnswersLikeASession) {
  einet_model_options options = EINET_MODEL_OPTIONS_INIT;
  options.cache = "";
  options.tune = 0;
  const auto model = made<einet_model>(einet_model_load, path("small.einet").c_str(), &options);
  const auto local = made<einet_session>(einet_session_new, model.get(), nullptr);
  start(local.get());
  const einet_answer expected = wait(local.get());

  const auto session = supervise();
  const einet_worker worker = worker_of(session.get());
  EXPECT_EQ(worker.exits, kExits);
  EXPECT_EQ(worker.input_size, kPixels);
  EXPECT_GT(worker.horizon_ns, 0);
  EXPECT_STREQ(worker.model, einet_model_digest(model.get()));
  EXPECT_GT(worker.process, 0);
  EXPECT_EQ(worker.end_time_ns, 0);
  EXPECT_STREQ(worker.reason, "");

  EXPECT_EQ(einet_session_state(session.get()), EINET_RUN_IDLE);
  const std::uint64_t run = start(session.get());
  const einet_answer answer = wait(session.get());
  EXPECT_EQ(answer.run, run);
  EXPECT_EQ(einet_session_run(session.get()), run);
  EXPECT_EQ(answer.label, expected.label);
  EXPECT_EQ(answer.exit, expected.exit);
  EXPECT_EQ(einet_session_state(session.get()), EINET_RUN_FINISHED);
  EXPECT_STREQ(einet_session_failure(session.get()), "");
  einet_answer latest = EINET_ANSWER_INIT;
  EXPECT_EQ(einet_session_latest(session.get(), run, &latest), EINET_OK);
  EXPECT_EQ(latest.sequence, answer.sequence);
  EXPECT_EQ(einet_session_wait_next(session.get(), answer.sequence, &latest), EINET_OK);
  EXPECT_EQ(latest.sequence, answer.sequence);
  einet_session_interrupt(session.get(), run + 1);
  EXPECT_EQ(start(session.get()), run + 1);
  EXPECT_EQ(wait(session.get()).exit, -1);
  EXPECT_EQ(einet_session_state(session.get()), EINET_RUN_INTERRUPTED);

  EXPECT_EQ(einet_session_answers(session.get()), 0u);
  EXPECT_EQ(einet_session_lost_slot(session.get()), 0);
  einet_event event = EINET_EVENT_INIT;
  expect_status(einet_session_answer(session.get(), 0, &latest), EINET_UNSUPPORTED, "session: is supervised");
  expect_status(einet_session_event(session.get(), 0, &event), EINET_UNSUPPORTED, "session: is supervised");
  const float one = 0.5f;
  expect_status(einet_session_start(session.get(), &one, 1, nullptr, nullptr), EINET_INVALID_DATA, "has 1 values");
}

TEST_F(CIsolation, AKilledWorkerIsReplacedAndTheAnswerStays) {
  const auto slot = made<einet_slot>(einet_slot_create_anonymous);
  const std::string file = path("answer");
  einet_supervisor_options options = EINET_SUPERVISOR_OPTIONS_INIT;
  options.slot = slot.get();
  options.persist = file.c_str();
  auto session = supervise(&options);
  start(session.get());
  const einet_answer before = wait(session.get());
  EXPECT_EQ(before.exit, kExits - 1);
  const std::int64_t process = worker_of(session.get()).process;
  ASSERT_EQ(::kill(static_cast<pid_t>(process), SIGKILL), 0);
  einet_worker worker = worker_of(session.get());
  for (; worker.process == 0 || worker.process == process; worker = worker_of(session.get())) {
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_GT(worker.end_time_ns, before.time_ns);
  EXPECT_EQ(worker.signal, SIGKILL);
  EXPECT_EQ(worker.exit_status, -1);
  EXPECT_EQ(worker.unresponsive, 0);
  EXPECT_STREQ(worker.reason, "was killed by SIGKILL");

  einet_answer answer = EINET_ANSWER_INIT;
  EXPECT_EQ(einet_slot_read(slot.get(), &answer), EINET_OK);
  EXPECT_EQ(answer.run, before.run);
  EXPECT_EQ(answer.label, before.label);
  const std::uint64_t run = start(session.get());
  answer = wait(session.get());
  EXPECT_EQ(answer.run, run);
  EXPECT_EQ(answer.exit, kExits - 1);
  EXPECT_STREQ(einet_session_persist_failure(session.get()), "");
  session.reset();
  EXPECT_EQ(einet_stored_answer(file.c_str(), &answer, nullptr), EINET_OK) << einet_last_error();
  EXPECT_EQ(answer.run, run);
}

TEST_F(CIsolation, ReportsInvalidWorkersAndOptions) {
  einet_session* session = nullptr;
  const char* const missing[] = {"/no/such/program", nullptr};
  expect_status(einet_session_supervise(missing, nullptr, &session), EINET_NOT_FOUND, "/no/such/program: ");
  const char* const none[] = {nullptr};
  expect_status(einet_session_supervise(none, nullptr, &session), EINET_USAGE, "worker: has no command");
  const char* const unreadable[] = {"/proc/self/exe", "--worker", "/no/such/bundle", nullptr};
  expect_status(einet_session_supervise(unreadable, nullptr, &session), EINET_NOT_FOUND, "/no/such/bundle: ");
  einet_supervisor_options options = EINET_SUPERVISOR_OPTIONS_INIT;
  options.unresponsive_after_ns = 0;
  expect_status(einet_session_supervise(unreadable, &options, &session), EINET_USAGE, "unresponsive_after: ");
  options = EINET_SUPERVISOR_OPTIONS_INIT;
  options.size = 7;
  expect_status(einet_session_supervise(unreadable, &options, &session), EINET_USAGE, "supervisor options: its size");
  EXPECT_EQ(session, nullptr);

  expect_status(einet_run_worker("small.einet", nullptr, nullptr), EINET_USAGE, "was not started by a supervisor");
  const auto slot = made<einet_slot>(einet_slot_create_anonymous);
  einet_session_options own = EINET_SESSION_OPTIONS_INIT;
  own.slot = slot.get();
  expect_status(einet_run_worker("small.einet", nullptr, &own), EINET_USAGE, "a worker has neither slot nor file");
  own = EINET_SESSION_OPTIONS_INIT;
  own.persist = "file";
  expect_status(einet_run_worker("small.einet", nullptr, &own), EINET_USAGE, "a worker has neither slot nor file");
}

}  // namespace
}  // namespace einet

int main(int argc, char** argv) {
  if (argc > 2 && std::string(argv[1]) == "--worker") return einet::worker_main(argv[2]);
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
