// Answers outside the process in the C API: slots and stored answers.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>
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
using testing::made;
using testing::wait;

TEST(CApi, Slots) {
  const TemporaryDirectory directory;
  const std::string path = directory / "slot";
  einet_slot* none = nullptr;
  expect_status(einet_slot_attach(path.c_str(), &none), EINET_NOT_FOUND, path);
  auto created = made<einet_slot>(einet_slot_create, path.c_str());
  const auto attached = made<einet_slot>(einet_slot_attach, path.c_str());

  const bundle::Bundle bundle = testing::small_bundle(4, 40, 0.0);
  bundle::save_bundle(bundle, directory / "small.einet");
  einet_model_options model_options = EINET_MODEL_OPTIONS_INIT;
  model_options.cache = "";
  model_options.tune = 0;
  const auto model = made<einet_model>(einet_model_load, static_cast<const char*>((directory / "small.einet").c_str()),
                                       &model_options);

  einet_session_options options = EINET_SESSION_OPTIONS_INIT;
  options.slot = attached.get();
  einet_session* refused = nullptr;
  expect_status(einet_session_new(model.get(), &options, &refused), EINET_USAGE, "slot: is attached for reading only");
  options.slot = created.get();
  const auto session = made<einet_session>(einet_session_new, model.get(), &options);
  expect_status(einet_session_new(model.get(), &options, &refused), EINET_IO, "publishes into it");

  einet_answer answer = EINET_ANSWER_INIT;
  EXPECT_EQ(einet_slot_read(attached.get(), &answer), EINET_OK);
  EXPECT_EQ(answer.exit, -1);
  const std::vector<float> image(64, 0.5f);
  std::uint64_t run = 0;
  ASSERT_EQ(einet_session_start(session.get(), image.data(), image.size(), nullptr, &run), EINET_OK);
  const einet_answer last = wait(session.get());
  EXPECT_EQ(einet_slot_read(attached.get(), &answer), EINET_OK);
  EXPECT_EQ(answer.run, run);
  EXPECT_EQ(answer.label, last.label);

  einet_owner owner = EINET_OWNER_INIT;
  EXPECT_EQ(einet_slot_owner(attached.get(), &owner), EINET_OK);
  EXPECT_EQ(owner.size, sizeof owner);
  EXPECT_EQ(owner.alive, 1);
  EXPECT_EQ(owner.process, ::getpid());
  EXPECT_EQ(owner.epoch, 1u);
  EXPECT_STREQ(owner.model, einet_model_digest(model.get()));

  options.take_over = 1;
  EXPECT_EQ(einet_session_lost_slot(session.get()), 0);
  const auto successor = made<einet_session>(einet_session_new, model.get(), &options);
  created.reset();  // The sessions keep the slot alive.
  ASSERT_EQ(einet_session_start(successor.get(), image.data(), image.size(), nullptr, &run), EINET_OK);
  wait(successor.get());
  EXPECT_EQ(einet_slot_read(attached.get(), &answer), EINET_OK);
  EXPECT_EQ(answer.run, run);
  ASSERT_EQ(einet_session_start(session.get(), image.data(), image.size(), nullptr, nullptr), EINET_OK);
  wait(session.get());
  EXPECT_EQ(einet_session_lost_slot(session.get()), 1);
}

TEST(CApi, AnonymousSlotsArePassedByDescriptor) {
  const auto created = made<einet_slot>(einet_slot_create_anonymous);
  const int descriptor = einet_slot_descriptor(created.get());
  ASSERT_GE(descriptor, 0);
  EXPECT_NE(::fcntl(descriptor, F_GETFD) & FD_CLOEXEC, 0);
  const auto attached = made<einet_slot>(einet_slot_attach_descriptor, descriptor);
  EXPECT_NE(einet_slot_descriptor(attached.get()), descriptor);

  const einet_model model(fake_model(2, 1us));
  einet_session_options options = EINET_SESSION_OPTIONS_INIT;
  options.slot = attached.get();
  einet_session* refused = nullptr;
  expect_status(einet_session_new(&model, &options, &refused), EINET_USAGE, "slot: is attached for reading only");
  options.slot = created.get();
  const auto session = made<einet_session>(einet_session_new, &model, &options);
  const float pixel = 3.0f;
  ASSERT_EQ(einet_session_start(session.get(), &pixel, 1, nullptr, nullptr), EINET_OK);
  const einet_answer last = wait(session.get());
  einet_answer answer = EINET_ANSWER_INIT;
  EXPECT_EQ(einet_slot_read(attached.get(), &answer), EINET_OK);
  EXPECT_EQ(answer.run, last.run);
  EXPECT_EQ(answer.label, last.label);

  einet_slot* none = nullptr;
  expect_status(einet_slot_attach_descriptor(-1, &none), EINET_IO, "answer slot: ");
  const TemporaryDirectory directory;
  std::ofstream(directory / "text") << "not a slot";
  const int text = ::open((directory / "text").c_str(), O_RDONLY);
  expect_status(einet_slot_attach_descriptor(text, &none), EINET_INVALID_DATA, "answer slot: ");
  ::close(text);
  EXPECT_EQ(none, nullptr);
}

TEST(CApi, StoresAnswersInAFile) {
  const TemporaryDirectory directory;
  const std::string path = directory / "answer";
  einet_answer stored = EINET_ANSWER_INIT;
  std::int64_t written = -1;
  expect_status(einet_stored_answer(path.c_str(), &stored, &written), EINET_NOT_FOUND, path);
  EXPECT_EQ(written, -1);

  const einet_model model(fake_model(3, 1us));
  einet_session_options options = EINET_SESSION_OPTIONS_INIT;
  options.persist = path.c_str();
  options.persist_every_ns = 1'000'000;
  auto session = made<einet_session>(einet_session_new, &model, &options);
  EXPECT_EQ(einet_stored_answer(path.c_str(), &stored, nullptr), EINET_OK) << einet_last_error();
  EXPECT_EQ(stored.exit, -1);
  einet_session* second = nullptr;
  expect_status(einet_session_new(&model, &options, &second), EINET_IO, "is in use by another session");

  const float pixel = 3.0f;
  ASSERT_EQ(einet_session_start(session.get(), &pixel, 1, nullptr, nullptr), EINET_OK);
  const einet_answer last = wait(session.get());
  EXPECT_STREQ(einet_session_persist_failure(session.get()), "");
  session.reset();  // Writes the last answer.
  EXPECT_EQ(einet_stored_answer(path.c_str(), &stored, &written), EINET_OK) << einet_last_error();
  EXPECT_EQ(stored.exit, 2);
  EXPECT_EQ(stored.label, last.label);
  EXPECT_EQ(stored.sequence, last.sequence);
  EXPECT_NEAR(static_cast<double>(written), static_cast<double>(::time(nullptr)) * 1e9, 3600e9);

  std::ofstream(path) << "not an answer";
  expect_status(einet_stored_answer(path.c_str(), &stored, &written), EINET_INVALID_DATA, path);
}

}  // namespace
}  // namespace einet
