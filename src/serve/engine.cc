#include "serve/engine.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "einet/error.h"
#include "einet/plan.h"
#include "exec/scores.h"
#include "runtime/model_parts.h"
#include "serve/log.h"
#include "serve/refusal.h"

namespace einet::serve {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;

Seconds earliest_answer(const plan::BlockTimes& times) {
  double earliest = std::numeric_limits<double>::infinity();
  for (int exit = 0; exit < times.exits(); ++exit) {
    earliest = std::min(earliest, plan::next_output(times, -1, 0.0, exit));
  }
  return Seconds(earliest);
}

std::vector<ServedModel> served(const std::vector<std::pair<std::string, std::shared_ptr<const Model>>>& models) {
  if (models.empty()) throw Error(ErrorKind::kUsage, "server", "has no models");
  std::vector<ServedModel> served;
  for (const auto& [name, model] : models) {
    if (std::ranges::find(served, name, &ServedModel::name) != served.end()) {
      throw Error(ErrorKind::kUsage, "model '" + name + "'", "is named twice; names are those of the bundles");
    }
    const exec::Program& program = *model->parts().program;
    const int last = program.exits() - 1;
    served.push_back({.name = name,
                      .model = model,
                      .index = served.size(),
                      .first_answer = earliest_answer(model->times()),
                      .classes = exec::class_count(static_cast<std::size_t>(program.outputs(last)),
                                                   program.blocks()[static_cast<std::size_t>(last)].head)});
  }
  return served;
}

std::vector<std::shared_ptr<const Model>> models_of(const std::vector<ServedModel>& served) {
  std::vector<std::shared_ptr<const Model>> models;
  for (const ServedModel& each : served) models.push_back(each.model);
  return models;
}

std::vector<Metrics::ModelInfo> info_of(const std::vector<ServedModel>& served) {
  std::vector<Metrics::ModelInfo> info;
  for (const ServedModel& each : served) info.push_back({each.name, each.model->exits()});
  return info;
}

SessionOptions session_options(const EngineOptions& options) {
  SessionOptions session;
  session.publish = options.publish;
  session.probabilities = true;
  session.threads.name = "serve";
  return session;
}

std::string in_microseconds(Clock::duration time) { return std::to_string(duration_cast<microseconds>(time).count()); }

Reply reply_of(const Session& session, std::size_t index, Clock::time_point arrival) {
  Reply reply;
  reply.answer = session.answers()[index];
  const std::span<const float> probabilities = session.probabilities(index);
  reply.probabilities.assign(probabilities.begin(), probabilities.end());
  reply.answer.elapsed = reply.answer.time - arrival;
  return reply;
}

/// Calls `on_answer` for every published answer of the session's run until its end. `sequence` is that of the last
/// answer of earlier runs.
void stream(Session& session, std::uint64_t sequence, Clock::time_point arrival, const Engine::OnAnswer& on_answer) {
  std::size_t seen = 0;
  for (bool over = false; !over;) {
    const Answer newest = session.wait_next(sequence);
    over = newest.sequence <= sequence;
    if (over) session.wait();  // Then answers() is complete.
    sequence = newest.sequence;
    for (; seen < session.answers().size(); ++seen) {
      if (session.answers()[seen].sequence != 0) on_answer(reply_of(session, seen, arrival));
    }
  }
}

/// The run's last published answer.
std::optional<std::size_t> last_published(const Session& session) {
  for (std::size_t i = session.answers().size(); i > 0; --i) {
    if (session.answers()[i - 1].sequence != 0) return i - 1;
  }
  return std::nullopt;
}

}  // namespace

Engine::Engine(const std::vector<std::pair<std::string, std::shared_ptr<const Model>>>& models,
               const EngineOptions& options)
    : models_(served(models)),
      options_(options),
      pool_(models_of(models_), options.processors, options.queue, session_options(options)),
      metrics_(info_of(models_)) {
  if (options.processors.empty()) throw Error(ErrorKind::kUsage, "server", "has no processors to run on");
}

const ServedModel& Engine::model(std::string_view name, std::string_view version) const {
  const auto found = std::ranges::find(models_, name, &ServedModel::name);
  if (found == models_.end()) throw RequestError(Refusal::kNotFound, "there is no model of this name");
  check_version(version);
  return *found;
}

Reply Engine::infer(const ServedModel& model, const InferRequest& request, Clock::time_point arrival,
                    Cancellation& cancellation, const OnAnswer& on_answer) {
  try {
    Reply reply = run(model, request, arrival, cancellation, on_answer);
    const Clock::duration latency = Clock::now() - arrival;
    std::optional<Seconds> lateness;
    if (reply.interrupted && request.timeout) lateness = std::max(Seconds(0), Seconds(latency - *request.timeout));
    metrics_.answered(model.index, reply.answer.exit, latency, lateness);
    if (options_.log_requests) {
      log_event("answered", {{"model", model.name},
                             {"id", request.id},
                             {"exit", reply.answer.exit + 1},
                             {"interrupted", reply.interrupted},
                             {"latency_us", duration_cast<microseconds>(latency).count()}});
    }
    return reply;
  } catch (const RequestError& error) {
    metrics_.refused(model.index, error.refusal());
    if (options_.log_requests) {
      log_event("refused", {{"model", model.name}, {"id", request.id}, {"why", error.what()}});
    }
    throw;
  }
}

Reply Engine::run(const ServedModel& model, const InferRequest& request, Clock::time_point arrival,
                  Cancellation& cancellation, const OnAnswer& on_answer) {
  std::optional<Clock::time_point> cut_off, latest_start;
  if (request.timeout) {
    cut_off = arrival + *request.timeout;
    latest_start = *cut_off - duration_cast<Clock::duration>(model.first_answer);
    if (Clock::now() > *latest_start) {
      throw RequestError(Refusal::kTooShort, "the timeout of " + std::to_string(request.timeout->count()) +
                                                 " us leaves less than the " +
                                                 in_microseconds(duration_cast<Clock::duration>(model.first_answer)) +
                                                 " us to the planned first answer");
    }
  }
  const SessionPool::Lease lease = pool_.acquire(latest_start, cancellation);
  Session& session = lease.session(model.index);
  const std::uint64_t before = session.latest().sequence;
  RunOptions options;
  if (cut_off) {
    // Counted from now, because runs are planned from their beginning. start() could be delayed after this.
    options.begin = Clock::now();
    options.deadline = *cut_off - *options.begin;
  }
  std::uint64_t run = 0;
  try {
    run = session.start(request.image, options);
  } catch (const Error& error) {
    throw RequestError(Refusal::kInvalid, error.what());
  }
  const Cancellation::Action interrupt(cancellation, [&] { session.interrupt(run); });
  if (on_answer) stream(session, before, arrival, on_answer);
  session.wait();
  if (cancellation.requested()) throw RequestError(Refusal::kCancelled, "the request was cancelled");
  if (const auto last = last_published(session)) {
    Reply reply = reply_of(session, *last, arrival);
    reply.interrupted = session.state() == RunState::kInterrupted;
    return reply;
  }
  if (session.state() == RunState::kFailed) throw RequestError(Refusal::kFailed, std::string(session.failure()));
  throw RequestError(Refusal::kNoAnswer, "the run was cut off before its first answer");
}

}  // namespace einet::serve
