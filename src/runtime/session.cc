#include "einet/session.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "core/normalize.h"
#include "core/processors.h"
#include "einet/error.h"
#include "exec/scores.h"
#include "policy/publish.h"
#include "policy/run.h"
#include "predict/combination.h"
#include "runtime/answer_slot.h"
#include "runtime/deadline_timer.h"
#include "runtime/initial_answer.h"
#include "runtime/lane_link.h"
#include "runtime/model_parts.h"
#include "runtime/next_guesses.h"
#include "runtime/persister.h"
#include "runtime/run_control.h"
#include "runtime/run_terms.h"
#include "runtime/shared_memory.h"
#include "runtime/thread.h"

namespace einet {
namespace {

using plan::BlockKind;
using std::chrono::nanoseconds;

/// The blocks that one thread executed in the current run.
struct Track {
  std::vector<TraceEvent> events;
  nanoseconds last_event{0};  ///< End of the last block.
  std::string_view failure;   ///< A literal: the C API returns it as a null-terminated string.
};

}  // namespace

// Ownership of the data. Between runs all data belongs to the thread in start(); from the moment it stores kRunning and
// advances `command` until the worker stores another state, everything except the atomics belongs to the worker.
// Ownership is transferred through `state` (release by the worker, acquire by start(), the waiting functions and the
// readers of trace()) and `command` (release by start(), acquire by the worker). Threads wait in the kernel for a
// change of `command` or `events`.
//
// With a branch lane, the worker shares its data with a second thread, by way of the LaneLink: from the first exit that
// the trunk passes until the lane has left the run, what publishes (policy, combiner, writers, answers, probabilities)
// and `branch_track` belong to the lane, and the rest to the worker, apart from the disjoint halves of `execution`.
struct Session::Impl {
  Impl(std::shared_ptr<const Model> shared_model, SessionOptions session_options);
  ~Impl();

  Publish default_publish() const noexcept { return options.publish.value_or(model->publish()); }
  void start_threads();
  void stop_threads() noexcept;
  void require_weights(Publish shown) const;
  bool forked() const noexcept { return forks() != made_after_forks; }
  /// Waits until the run is over; returns false in a forked child, where that never happens.
  bool wait_for_end() const noexcept;
  void normalize(std::span<const float> image);
  std::uint64_t start(std::span<const float> image, const RunOptions& run_options);
  Answer latest(std::uint64_t run) const noexcept;

  // The worker.
  void work() noexcept;
  void warm_up() noexcept;
  void run_everything() noexcept;
  std::uint32_t next_command(const std::atomic<std::uint32_t>& word, std::uint32_t seen) noexcept;
  RunState run() noexcept;
  bool run_part(BlockKind kind, int exit, Track& track) noexcept;
  bool answer(int exit, const exec::TopOne& own) noexcept;
  exec::TopOne combined(int exit, const exec::TopOne& top) noexcept;
  void keep_probabilities(int exit) noexcept;
  std::size_t classes(int exit) const noexcept;
  bool execute_branch(int exit, BranchOutput& output, Track& track) noexcept;
  void trace_planning(int exit, Track& track) noexcept;
  nanoseconds elapsed() const noexcept { return Clock::now() - begin; }
  // The interface for policy::run().
  bool conv_part(int exit) noexcept { return run_part(BlockKind::kConvPart, exit, track); }
  bool branch(int exit, BranchOutput& output) noexcept { return execute_branch(exit, output, track); }
  void planned(int exit) noexcept { trace_planning(exit, track); }

  // The branch lane.
  struct TrunkSide;
  struct BranchSide;
  void open_lanes() noexcept;
  bool run_two_lanes(double known_deadline) noexcept;
  void work_branches() noexcept;
  void run_branches() noexcept;
  void warm_up_trunk() noexcept;
  void warm_up_branch(int exit) noexcept;

  std::shared_ptr<const Model> model;
  const SessionOptions options;
  const std::uint64_t made_after_forks = forks();
  /// On a single processor, spinning would only delay the other thread.
  const bool can_spin = std::thread::hardware_concurrency() != 1;
  std::unique_ptr<Policy> policy;
  const std::shared_ptr<const exec::Program> program;
  std::unique_ptr<exec::Execution> execution;
  std::optional<predict::Combiner> combiner;  ///< Empty if the model has no weights.
  std::vector<float> log_probabilities;       ///< Of one exit, for the combiner.
  std::vector<float> normalized;              ///< Used only by start().
  AnswerSlot slot;
  AnswerSlot::Writer writer{slot, 0};
  std::optional<SharedWriter> shared;
  std::optional<Persister> persister;  ///< Reads `slot`.
  RunControl control{slot};

  // The current run.
  std::uint64_t number = 0;
  exec::StopSignal stop;
  Clock::time_point begin;
  nanoseconds deadline = kNoRunDeadline;  ///< Since begin.
  Publish publish = Publish::kLatest;
  std::uint64_t frame = 0;
  float best_confidence = 0.0f;
  Track track;                  ///< Of the worker.
  std::vector<Answer> answers;  ///< Never reallocated, so that the first `answered` can be read during the run.
  std::atomic<std::size_t> answered{0};  ///< Number of answers so far.
  std::vector<float> probabilities;      ///< Of the answers, `most_classes` for each; empty unless they are kept.
  std::size_t most_classes = 0;          ///< Of any exit.

  std::atomic<std::uint64_t> claimed{0};            ///< Number of the last call of start().
  std::atomic<std::uint64_t> started{0};            ///< Number of the last run.
  std::atomic<RunState> state{RunState::kRunning};  ///< Until the worker is warm.
  std::atomic<std::uint32_t> command{0};            ///< Advanced to start a run or to quit.
  mutable std::atomic<std::uint32_t> events{0};     ///< Advanced after every publication and change of state.
  std::atomic<bool> quit{false};

  // With a branch lane only.
  std::optional<LaneLink> link;
  Track branch_track;
  bool warming = true;                         ///< The next run of the lanes is one of warm_up().
  std::atomic<std::uint32_t> lane_command{0};  ///< Advanced for every run of the lanes and to quit.

  std::optional<DeadlineTimer> timer;
  std::optional<Thread> branch_worker;
  std::optional<Thread> worker;
};

/// The interface of the trunk for policy::run_trunk().
struct Session::Impl::TrunkSide {
  Impl& session;

  bool conv_part(int exit) noexcept {
    return session.run_part(BlockKind::kConvPart, exit, session.track) && !session.link->ended();
  }
  const plan::ExitPlan& plan() noexcept { return session.link->plan(); }
  void pass(int exit, bool planned) noexcept {
    session.link->pass(exit, planned, Seconds(session.track.last_event).count());
  }
  bool await_plan() noexcept { return session.link->await_plan(); }
};

/// The interface of the branch lane for policy::run_branch().
struct Session::Impl::BranchSide {
  Impl& session;

  bool branch(int exit, BranchOutput& output) noexcept {
    session.branch_track.last_event = session.elapsed();
    return session.execute_branch(exit, output, session.branch_track);
  }
  plan::Ahead ahead(int exit) const noexcept { return session.link->ahead(exit); }
  const plan::ExitPlan& newest_plan() const noexcept { return session.link->newest_plan(); }
  void post(int exit, const plan::ExitPlan& plan) noexcept {
    session.link->post(exit, plan);
    session.trace_planning(exit, session.branch_track);
  }
};

Session::Impl::Impl(std::shared_ptr<const Model> shared_model, SessionOptions session_options)
    : model(std::move(shared_model)),
      options(std::move(session_options)),
      policy(options.policy ? options.policy() : model->new_policy()),
      program(model->parts().program),
      execution(program->new_execution()),
      normalized(model->input_size()) {
  const auto invalid = [](const char* what, const char* why) { throw Error(ErrorKind::kUsage, what, why); };
  if (options.top < 1 || options.top > 1 + static_cast<int>(std::tuple_size_v<decltype(Answer::others)>)) {
    invalid("top", "must be 1 to 5 classes");
  }
  if (std::isnan(options.spin.count())) invalid("spin", "is not a number");
  if (const auto& weights = model->parts().combination) {
    const int classes = exec::class_count(program->outputs(0), program->blocks()[0].head);
    combiner.emplace(weights, classes);
    log_probabilities.resize(static_cast<std::size_t>(classes));
  }
  require_weights(default_publish());
  if (options.initial == Initial::kFrequent && model->parts().frequent.label < 0) {
    throw Error(ErrorKind::kNotFound, "initial answer",
                "the bundle has no held-out samples, which determine the most frequent class; einet profile with "
                "--data adds them");
  }
  track.events.reserve(3 * model->exits());
  answers.reserve(model->exits());
  for (int exit = 0; exit < model->exits(); ++exit) most_classes = std::max(most_classes, classes(exit));
  if (options.probabilities) probabilities.resize(most_classes * static_cast<std::size_t>(model->exits()));
  if (options.slot) {
    shared.emplace(options.slot, model->digest(), options.take_over);
    claimed = options.slot->read().run;  // Continues the numbering for readers of the slot.
  }
  if (!options.persist.empty()) {
    persister.emplace([this] { return slot.read(); }, options.persist, options.persist_every, model->digest(),
                      options.threads);
  }
  if (options.branch_lane && !program->branch_lane()) {
    invalid("branch lane", "the model was not prepared for it; load it with ModelOptions::branch_lane");
  }
  try {
    start_threads();
  } catch (...) {
    stop_threads();  // Those that have been started.
    throw;
  }
  wait_for_end();
  if (options.threads.lock_memory && ::mlockall(MCL_CURRENT) != 0) {
    const int error = errno;
    stop_threads();
    throw Error(ErrorKind::kIo, "locking the memory of the session", std::strerror(error));
  }
}

void Session::Impl::start_threads() {
  const ThreadOptions& threads = options.threads;
  if (options.branch_lane) {
    const std::vector<int>& processors =
        threads.branch_processors.empty() ? threads.processors : threads.branch_processors;
    const bool one_processor =
        available_processors() == 1 || (processors.size() == 1 && processors == threads.processors);
    link.emplace(model->exits(), !one_processor);
    branch_track.events.reserve(2 * static_cast<std::size_t>(model->exits()));
    branch_worker.emplace(threads, "-branch", threads.branch_priority != 0 ? threads.branch_priority : threads.priority,
                          processors, [this] { work_branches(); });
  }
  if (options.deadlines) timer.emplace(control, threads);
  worker.emplace(threads, "-run", threads.priority, [this] { work(); });
}

Session::Impl::~Impl() {
  control.interrupt(claimed);
  wait_for_end();
  stop_threads();
}

void Session::Impl::stop_threads() noexcept {
  quit.store(true, std::memory_order_relaxed);
  advance_and_notify(command);
  advance_and_notify(lane_command);
}

bool Session::Impl::wait_for_end() const noexcept {
  for (;;) {
    const std::uint32_t seen = events.load(std::memory_order_acquire);
    if (state.load(std::memory_order_acquire) != RunState::kRunning) return true;
    if (forked()) return false;
    events.wait(seen, std::memory_order_acquire);
  }
}

void Session::Impl::require_weights(Publish shown) const {
  if (shown != Publish::kCombined || combiner) return;
  throw Error(ErrorKind::kNotFound, "combined answers",
              "the bundle has no weights for them; einet profile with --data fits them");
}

void Session::Impl::normalize(std::span<const float> image) {
  if (image.size() != normalized.size()) {
    throw Error(ErrorKind::kInvalidData, "image",
                "has " + std::to_string(image.size()) + " values, but the input " +
                    graph::to_string(model->input_shape()) + " of the model has " + std::to_string(normalized.size()));
  }
  const graph::Shape& shape = model->input_shape();
  einet::normalize(image, shape.size() > 1 ? static_cast<std::size_t>(shape[1]) : 1, model->normalization(),
                   normalized);
}

std::uint64_t Session::Impl::start(std::span<const float> image, const RunOptions& run_options) {
  const Clock::time_point now = Clock::now();
  const std::uint64_t run = run_number(run_options, claimed.load(std::memory_order_relaxed));
  claimed.store(run, std::memory_order_release);  // From now on, interrupts apply to this run.

  const Publish shown = run_options.publish.value_or(default_publish());
  if (forked()) {
    throw Error(
        ErrorKind::kUsage, "session",
        "was created before fork() and its threads do not exist in this process; create a session after fork()");
  }
  const nanoseconds limit = run_deadline(run_options);
  if (run_options.deadline && !timer)
    throw Error(ErrorKind::kUsage, "deadline",
                "this session was created without deadlines; set SessionOptions::deadlines");
  require_weights(shown);
  normalize(image);

  control.interrupt(run - 1);
  wait_for_end();
  execution->set_input(normalized);
  number = run;
  stop = control.signal(run);
  begin = run_begin(run_options, now);
  publish = shown;
  frame = run_options.frame;
  answered.store(0, std::memory_order_relaxed);
  started.store(run, std::memory_order_relaxed);
  state.store(RunState::kRunning, std::memory_order_release);
  deadline = limit;
  if (link) open_lanes();  // The branch lane wakes up at the same time as the worker.
  if (deadline != kNoRunDeadline) {
    timer->arm(begin + deadline, run);
  } else if (timer) {
    timer->disarm();
  }
  advance_and_notify(command);
  return run;
}

Answer Session::Impl::latest(std::uint64_t run) const noexcept {
  const Answer answer = slot.read();
  if (answer.run == run) return answer;
  const bool unanswered = answer.run < run && run <= claimed.load(std::memory_order_acquire);
  return unanswered ? initial_answer(options.initial, model->parts().frequent, answer) : Answer{};
}

void Session::Impl::work() noexcept {
  warm_up();
  std::uint32_t seen = 0;
  for (RunState end = RunState::kIdle;; end = run()) {
    state.store(end, std::memory_order_release);
    advance_and_notify(events);
    seen = next_command(command, seen);
    if (quit.load(std::memory_order_relaxed)) return;
  }
}

/// Executes everything, so that per-thread initialisation of libraries is done before the first run. Repeated, because
/// the first five or six executions are up to 17 % slower, until caches and branch predictors have adapted.
void Session::Impl::warm_up() noexcept {
  constexpr int kMost = 10;
  constexpr auto kLongest = std::chrono::milliseconds(20);
  const auto until = Clock::now() + kLongest;
  execution->set_input(normalized);
  policy->begin(model->horizon().count() / 2);  // Planning for a deadline uses separate memory.
  run_everything();
  for (int k = 1; k < kMost && Clock::now() < until; ++k) run_everything();
}

void Session::Impl::run_everything() noexcept {
  policy->begin();
  if (combiner) combiner->reset();
  if (link) return warm_up_trunk();
  for (int exit = 0; exit < model->exits(); ++exit) {
    execution->run_conv_part(exit, exec::kNeverStop);
    execution->run_branch(exit, exec::kNeverStop);
    const auto top = exec::top_one(execution->output(exit), program->blocks()[exit].head);
    if (combiner) combined(exit, top);
    policy->after({.exit = exit, .label = top.label, .confidence = top.confidence, .elapsed = 0.0, .ahead = {}});
  }
}

std::uint32_t Session::Impl::next_command(const std::atomic<std::uint32_t>& word, std::uint32_t seen) noexcept {
  if (can_spin && options.spin > Seconds(0)) {
    const auto until = Clock::now() + options.spin;
    while (word.load(std::memory_order_acquire) == seen && Clock::now() < until) relax();
  }
  word.wait(seen, std::memory_order_acquire);
  return word.load(std::memory_order_acquire);
}

RunState Session::Impl::run() noexcept {
  track.events.clear();
  track.failure = {};
  answers.clear();
  best_confidence = 0.0f;
  if (combiner) combiner->reset();
  track.last_event = elapsed();
  const double known = deadline != kNoRunDeadline ? Seconds(deadline).count() : plan::kNoDeadline;
  const bool whole = link ? run_two_lanes(known) : policy::run(*policy, known, *this);
  if (answers.empty() && !track.events.empty() && whole) {
    track.failure = "the scores of all executed exits were NaN";
  }
  if (!track.failure.empty()) return RunState::kFailed;
  return whole ? RunState::kFinished : RunState::kInterrupted;
}

bool Session::Impl::execute_branch(int exit, BranchOutput& output, Track& on) noexcept {
  if (!run_part(BlockKind::kBranch, exit, on)) return false;
  const nanoseconds end = on.last_event;
  const exec::TopOne top = exec::top_one(execution->output(exit), program->blocks()[exit].head);
  const bool numeric = top.confidence > 0.0f;  // Scores with NaN give no answer; the run continues.
  if (numeric && !answer(exit, top)) return false;
  // Policies are fitted on each exit's own answer, which need not be what is published.
  output = {.exit = exit,
            .label = numeric ? top.label : -1,
            .confidence = top.confidence,
            .elapsed = Seconds(end).count(),
            .ahead = {}};
  return true;
}

void Session::Impl::trace_planning(int exit, Track& on) noexcept {
  if (!policy->replans()) return;
  const nanoseconds now = elapsed();
  on.events.push_back({BlockKind::kPlanning, exit, on.last_event, now});
  on.last_event = now;
}

/// False if the run is over.
bool Session::Impl::run_part(BlockKind kind, int exit, Track& on) noexcept {
  const exec::PartEnd end =
      kind == BlockKind::kConvPart ? execution->run_conv_part(exit, stop) : execution->run_branch(exit, stop);
  const nanoseconds now = elapsed();
  on.events.push_back({kind, exit, on.last_event, now});
  on.last_event = now;
  if (end == exec::PartEnd::kFailed) on.failure = "a primitive reported an error";
  return end == exec::PartEnd::kDone && now < deadline && !stop.raised();
}

void Session::Impl::open_lanes() noexcept {
  link->open();
  advance_and_notify(lane_command);
}

/// The trunk's part of a run, until both lanes are done.
bool Session::Impl::run_two_lanes(double known_deadline) noexcept {
  branch_track.events.clear();
  branch_track.failure = {};
  link->begin(policy->begin(known_deadline));
  bool whole = policy::run_trunk(model->exits(), TrunkSide{*this});
  link->close();
  whole = whole && !link->ended();
  if (track.failure.empty()) track.failure = branch_track.failure;
  track.events.insert(track.events.end(), branch_track.events.begin(), branch_track.events.end());
  std::sort(track.events.begin(), track.events.end(), [](const TraceEvent& a, const TraceEvent& b) {
    return std::tie(a.begin, a.exit, a.kind) < std::tie(b.begin, b.exit, b.kind);
  });
  return whole;
}

void Session::Impl::work_branches() noexcept {
  for (std::uint32_t seen = 0;;) {
    seen = next_command(lane_command, seen);
    if (quit.load(std::memory_order_relaxed)) return;
    if (link->join()) run_branches();
  }
}

/// The branch lane's part of a run.
void Session::Impl::run_branches() noexcept {
  for (int exit = 0; exit < model->exits() && link->await_pass(exit); ++exit) {
    if (!link->planned(exit)) continue;
    bool whole = true;
    if (warming) {
      warm_up_branch(exit);
    } else {
      whole = policy::run_branch(*policy, exit, model->exits(), BranchSide{*this});
    }
    link->answered(exit, whole);
    if (!whole) break;
  }
  link->leave();
}

/// run_everything() with two lanes.
void Session::Impl::warm_up_trunk() noexcept {
  warming = true;
  open_lanes();
  link->begin(plan::ExitPlan::all(model->exits()));
  for (int exit = 0; exit < model->exits(); ++exit) {
    execution->run_conv_part(exit, exec::kNeverStop);
    link->pass(exit, true, 0.0);
  }
  link->plan();
  while (link->await_plan()) {
  }
  link->close();
  warming = false;
}

void Session::Impl::warm_up_branch(int exit) noexcept {
  execution->run_branch(exit, exec::kNeverStop);
  const auto top = exec::top_one(execution->output(exit), program->blocks()[exit].head);
  if (combiner) combined(exit, top);
  policy->after(
      {.exit = exit, .label = top.label, .confidence = top.confidence, .elapsed = 0.0, .ahead = link->ahead(exit)});
}

/// The combined answer of all exits so far.
exec::TopOne Session::Impl::combined(int exit, const exec::TopOne& top) noexcept {
  if (!(top.confidence > 0.0f)) return top;
  exec::log_probabilities(execution->output(exit), program->blocks()[exit].head, top, log_probabilities);
  return combiner->add(exit, log_probabilities);
}

std::size_t Session::Impl::classes(int exit) const noexcept {
  return static_cast<std::size_t>(exec::class_count(program->outputs(exit), program->blocks()[exit].head));
}

/// Those of the answer that is about to be added to `answers`.
void Session::Impl::keep_probabilities(int exit) noexcept {
  const std::span kept = std::span(probabilities).subspan(answers.size() * most_classes, classes(exit));
  if (publish == Publish::kCombined) {
    exec::class_probabilities(combiner->scores(), graph::Head::kLogits, kept);
  } else {
    exec::class_probabilities(execution->output(exit), program->blocks()[exit].head, kept);
  }
}

/// Publishes the answer of an exit, whose own answer is `own`. False if the run was interrupted before.
bool Session::Impl::answer(int exit, const exec::TopOne& own) noexcept {
  const auto [label, confidence] = publish == Publish::kCombined ? combined(exit, own) : own;
  Answer answer{.label = label, .exit = exit, .confidence = confidence, .run = number, .frame = frame};
  if (options.top > 1) {
    const std::span others = std::span(answer.others).first(static_cast<std::size_t>(options.top) - 1);
    if (publish == Publish::kCombined) {
      next_guesses(combiner->scores(), graph::Head::kLogits, {label, confidence}, others);
    } else {
      next_guesses(execution->output(exit), program->blocks()[exit].head, own, others);
    }
  }
  const auto in_time = [&](Answer& now) {
    now.time = Clock::now();
    now.elapsed = now.time - begin;
    return now.elapsed < deadline && !stop.raised();
  };
  if (answers.empty() || replaces(publish, own.confidence, best_confidence)) {
    answer.sequence = writer.publish(answer, [&](Answer& now) {
      const bool decision = in_time(now);
      answer.time = now.time;
      answer.elapsed = now.elapsed;
      return decision;
    });
    if (answer.sequence == 0) return false;
    best_confidence = own.confidence;
    if (shared) shared->publish(answer);
  } else if (!in_time(answer)) {
    return false;
  }
  if (options.probabilities) keep_probabilities(exit);
  answers.push_back(answer);
  answered.store(answers.size(), std::memory_order_release);
  advance_and_notify(events);
  return true;
}

Session::Session(std::shared_ptr<const Model> model, SessionOptions options)
    : impl_(std::make_unique<Impl>(model ? std::move(model) : throw Error(ErrorKind::kUsage, "session", "has no model"),
                                   std::move(options))) {}

Session::~Session() {
  // In a forked child there are no threads to join, and the data they used is leaked deliberately.
  if (impl_->forked()) static_cast<void>(impl_.release());
}

std::uint64_t Session::start(std::span<const float> image, const RunOptions& options) {
  return impl_->start(image, options);
}

Answer Session::latest() const noexcept { return impl_->slot.read(); }

Answer Session::latest(std::uint64_t run) const noexcept { return impl_->latest(run); }

void Session::interrupt(std::uint64_t run) noexcept { impl_->control.interrupt(run); }

void Session::interrupt() noexcept { interrupt(impl_->claimed.load(std::memory_order_acquire)); }

RunState Session::state() const noexcept { return impl_->state.load(std::memory_order_acquire); }

Answer Session::wait() noexcept {
  impl_->wait_for_end();
  return impl_->latest(impl_->started.load(std::memory_order_relaxed));
}

Answer Session::wait_next(std::uint64_t sequence) noexcept {
  for (;;) {
    const std::uint32_t seen = impl_->events.load(std::memory_order_acquire);
    const bool over = state() != RunState::kRunning || impl_->forked();
    const Answer answer = latest();
    if (over || (answer.exists() && answer.sequence > sequence)) return answer;
    impl_->events.wait(seen, std::memory_order_acquire);
  }
}

std::string_view Session::failure() const noexcept { return impl_->track.failure; }

bool Session::lost_slot() const noexcept { return impl_->shared && impl_->shared->replaced(); }

std::string Session::persist_failure() const {
  return impl_->persister && !impl_->forked() ? impl_->persister->failure() : std::string();
}

std::span<const TraceEvent> Session::trace() const noexcept { return impl_->track.events; }

std::span<const Answer> Session::answers() const noexcept {
  return {impl_->answers.data(), impl_->answered.load(std::memory_order_acquire)};
}

std::span<const float> Session::probabilities(std::size_t index) const noexcept {
  if (impl_->probabilities.empty()) return {};
  const std::size_t begin = index * impl_->most_classes;
  return std::span(impl_->probabilities).subspan(begin, impl_->classes(impl_->answers[index].exit));
}

}  // namespace einet
