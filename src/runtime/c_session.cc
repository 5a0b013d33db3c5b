// Sessions of both kinds: in this process and supervised.

#include <cstdio>
#include <span>
#include <string_view>

#include "runtime/c_handles.h"
#include "runtime/c_options.h"
#include "runtime/c_status.h"

using einet::Error;
using einet::ErrorKind;
using einet::give;
using einet::guarded;
using einet::required;

namespace {

/// The session if it runs in this process; null for NULL and for supervised ones.
const einet::Session* unsupervised(const einet_session* session) {
  return session == nullptr ? nullptr : std::get_if<einet::Session>(&session->runner);
}

/// For functions that report what a run did.
const einet::Session& in_this_process(const einet_session* session) {
  const einet::Session* const found = unsupervised(&required(session, "session"));
  if (found == nullptr) {
    throw Error(ErrorKind::kUnsupported, "session", "is supervised: answers and blocks of a run are not recorded");
  }
  return *found;
}

const einet::Supervisor& supervised(const einet_session* session) {
  const auto* const found = std::get_if<einet::Supervisor>(&required(session, "session").runner);
  if (found == nullptr) {
    throw Error(ErrorKind::kUsage, "session", "has no worker process; use einet_session_supervise()");
  }
  return *found;
}

/// A text that stays valid until the next call with the same buffer.
template <std::size_t N>
const char* keep(std::string_view text, char (&buffer)[N]) {
  einet::copy_text(buffer, text);
  return buffer;
}

}  // namespace

einet_status einet_session_new(const einet_model* model, const einet_session_options* options,
                               einet_session** session) {
  return guarded([&] {
    einet_session*& out = required(session, "session");
    out = new einet_session(required(model, "model").model, einet::session_options(options));
  });
}

einet_status einet_session_supervise(const char* const* command, const einet_supervisor_options* options,
                                     einet_session** session) {
  return guarded([&] {
    einet_session*& out = required(session, "session");
    std::vector<std::string> words;
    for (const char* const* word = &required(command, "command"); *word != nullptr; ++word) words.emplace_back(*word);
    out = new einet_session(std::move(words), einet::supervisor_options(options));
  });
}

void einet_session_free(einet_session* session) { delete session; }

einet_status einet_session_start(einet_session* session, const float* image, size_t count,
                                 const einet_run_options* options, uint64_t* run) {
  return guarded([&] {
    einet_session& handle = required(session, "session");
    const std::span pixels(&required(image, "image"), count);
    const einet::RunOptions terms = einet::run_options(options);
    const std::uint64_t number = std::visit([&](auto& runner) { return runner.start(pixels, terms); }, handle.runner);
    handle.run.store(number, std::memory_order_relaxed);
    if (run != nullptr) *run = number;
  });
}

void einet_session_interrupt(einet_session* session, uint64_t run) {
  if (session == nullptr) return;
  std::visit([run](auto& runner) { run == EINET_ANY_RUN ? runner.interrupt() : runner.interrupt(run); },
             session->runner);
}

einet_status einet_session_latest(const einet_session* session, uint64_t run, einet_answer* answer) {
  return give(answer, "answer", [&] {
    const auto latest = [run](const auto& runner) {
      return run == EINET_ANY_RUN ? runner.latest() : runner.latest(run);
    };
    return einet::to_c(std::visit(latest, required(session, "session").runner));
  });
}

einet_status einet_session_wait(einet_session* session, einet_answer* answer) {
  return give(answer, "answer", [&] {
    return einet::to_c(std::visit([](auto& runner) { return runner.wait(); }, required(session, "session").runner));
  });
}

einet_status einet_session_wait_next(einet_session* session, uint64_t sequence, einet_answer* answer) {
  return give(answer, "answer", [&] {
    const auto next = [sequence](auto& runner) { return runner.wait_next(sequence); };
    return einet::to_c(std::visit(next, required(session, "session").runner));
  });
}

size_t einet_session_answers(const einet_session* session) {
  const einet::Session* const found = unsupervised(session);
  return found == nullptr ? 0 : found->answers().size();
}

einet_status einet_session_answer(const einet_session* session, size_t index, einet_answer* answer) {
  return give(answer, "answer", [&] {
    const std::span<const einet::Answer> answers = in_this_process(session).answers();
    if (index >= answers.size()) {
      throw Error(ErrorKind::kNotFound, "answer " + std::to_string(index),
                  "the run has " + std::to_string(answers.size()));
    }
    return einet::to_c(answers[index]);
  });
}

einet_status einet_session_event(const einet_session* session, size_t index, einet_event* event) {
  return give(event, "event", [&] {
    const einet::Session& running = in_this_process(session);
    if (running.state() == einet::RunState::kRunning) {
      throw Error(ErrorKind::kUsage, "event", "a run is in progress; wait for its end");
    }
    const std::span<const einet::TraceEvent> events = running.trace();
    if (index >= events.size()) {
      throw Error(ErrorKind::kNotFound, "event " + std::to_string(index),
                  "the run has " + std::to_string(events.size()));
    }
    einet_event out = EINET_EVENT_INIT;
    out.kind = static_cast<int32_t>(events[index].kind);
    out.exit = events[index].exit;
    out.begin_ns = events[index].begin.count();
    out.end_ns = events[index].end.count();
    return out;
  });
}

einet_run_state einet_session_state(const einet_session* session) {
  if (session == nullptr) return EINET_RUN_IDLE;
  return std::visit([](const auto& runner) { return static_cast<einet_run_state>(runner.state()); }, session->runner);
}

uint64_t einet_session_run(const einet_session* session) {
  return session == nullptr ? 0 : session->run.load(std::memory_order_relaxed);
}

const char* einet_session_failure(const einet_session* session) {
  thread_local char text[1024] = "";
  if (session == nullptr) return "";
  return std::visit([](const auto& runner) { return keep(runner.failure(), text); }, session->runner);
}

const char* einet_session_persist_failure(const einet_session* session) {
  thread_local char text[1024] = "";
  if (session == nullptr) return "";
  return std::visit([](const auto& runner) { return keep(runner.persist_failure(), text); }, session->runner);
}

int32_t einet_session_lost_slot(const einet_session* session) {
  const einet::Session* const found = unsupervised(session);
  return found != nullptr && found->lost_slot() ? 1 : 0;
}

einet_status einet_session_worker(const einet_session* session, einet_worker* worker) {
  return give(worker, "worker", [&] {
    const einet::Supervisor& supervisor = supervised(session);
    einet_worker out = EINET_WORKER_INIT;
    out.exits = supervisor.exits();
    out.input_size = supervisor.input_size();
    out.horizon_ns = std::chrono::round<std::chrono::nanoseconds>(supervisor.horizon()).count();
    einet::copy_text(out.model, supervisor.digest());
    out.process = supervisor.process();
    const std::vector<einet::WorkerEnd> ends = supervisor.ends();
    if (ends.empty()) return out;
    const einet::WorkerEnd& last = ends.back();
    out.end_time_ns = std::chrono::nanoseconds(last.time.time_since_epoch()).count();
    out.exit_status = last.exit_status;
    out.signal = last.signal;
    out.out_of_memory = last.out_of_memory ? 1 : 0;
    out.unresponsive = last.unresponsive ? 1 : 0;
    einet::copy_text(out.reason, last.reason);
    return out;
  });
}

einet_status einet_run_worker(const char* bundle, const einet_model_options* model_options,
                              const einet_session_options* session_options) {
  return guarded([&] {
    const char* const path = &required(bundle, "bundle");
    const einet::ModelOptions options = einet::model_options(model_options);
    const einet::SessionOptions session = einet::session_options(session_options);
    if (session.slot || !session.persist.empty()) {
      throw Error(ErrorKind::kUsage, "session options", "a worker has neither slot nor file; the supervisor has them");
    }
    std::exception_ptr failure;  // Of loading, which is also reported to the supervisor.
    const int status = einet::run_worker(
        [&] {
          try {
            return einet::Model::load(path, options);
          } catch (...) {
            failure = std::current_exception();
            throw;
          }
        },
        session);
    if (failure) std::rethrow_exception(failure);
    if (status != 0) throw Error(ErrorKind::kIo, "worker", "could not start; its supervisor reports the reason");
  });
}
