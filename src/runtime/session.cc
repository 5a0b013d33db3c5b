#include "einet/session.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "einet/error.h"
#include "exec/scores.h"
#include "policy/publish.h"
#include "policy/run.h"
#include "predict/combination.h"
#include "runtime/deadline_timer.h"
#include "runtime/model_parts.h"

namespace einet {
namespace {

using plan::BlockKind;
using std::chrono::nanoseconds;

/// Deadlines beyond this are none: some 30 years, and the clock's arithmetic cannot overflow.
constexpr Seconds kFarAway{1e9};

/// Tells the processor that this is a waiting loop. No yield: others would take the processor and its caches.
void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace

// Who touches what. Between runs everything belongs to the thread in start(); from the moment it stores kRunning and
// bumps command_ until the worker stores another state, everything but the atomics belongs to the worker. state_
// (release by the worker, acquire by start(), wait() and the readers of trace()) and command_ (release by start(),
// acquire by the worker) are the two hand-overs; both are waited for in the kernel and never locked.
struct Session::Impl {
  Impl(std::shared_ptr<const Model> shared_model, SessionOptions session_options);
  ~Impl();

  Publish default_publish() const noexcept { return options.publish.value_or(model->publish()); }
  void require_weights(Publish shown) const;
  void stop_and_wait() noexcept;
  void normalize(std::span<const float> image);
  void start(std::span<const float> image, std::optional<Seconds> limit, Publish shown, Clock::time_point now);

  // The worker.
  void work() noexcept;
  void warm_up() noexcept;
  std::uint32_t next_command(std::uint32_t seen) noexcept;
  RunState run() noexcept;
  bool run_part(BlockKind kind, int exit) noexcept;
  exec::TopOne answer(int exit, nanoseconds elapsed) noexcept;
  exec::TopOne combined(int exit, const exec::TopOne& top) noexcept;
  // As policy::run() wants them.
  bool conv_part(int exit) noexcept { return run_part(BlockKind::kConvPart, exit); }
  bool branch(int exit, BranchOutput& output) noexcept;
  void planned(int exit) noexcept;
  nanoseconds elapsed() const noexcept { return Clock::now() - begin; }

  std::shared_ptr<const Model> model;
  const SessionOptions options;
  /// On a single processor whoever is waited for cannot run meanwhile.
  const bool can_spin = std::thread::hardware_concurrency() != 1;
  std::unique_ptr<Policy> policy;
  const std::shared_ptr<const exec::Program> program;
  std::unique_ptr<exec::Execution> execution;
  std::optional<predict::Combiner> combiner;  ///< Empty where the model has no weights.
  std::vector<float> log_probabilities;       ///< Of one exit, for the combiner.
  std::vector<float> normalized;              ///< Belongs to start() always.
  AnswerSlot own_slot;
  AnswerSlot& slot;

  // The current run.
  std::uint64_t number = 0;
  Clock::time_point begin;
  nanoseconds deadline = nanoseconds::max();  ///< Since begin.
  nanoseconds last_event{0};                  ///< End of the last traced block.
  Publish publish = Publish::kLatest;
  float best_confidence = 0.0f;
  std::vector<TraceEvent> trace;
  std::vector<Answer> answers;           ///< Never reallocated, so that those counted below can be read during the run.
  std::atomic<std::size_t> answered{0};  ///< How many of them.

  std::atomic<bool> stop{false};
  std::atomic<RunState> state{RunState::kRunning};  ///< Until the worker is warm.
  std::atomic<std::uint32_t> command{0};            ///< Bumped to start a run or to quit.
  std::atomic<bool> quit{false};
  std::unique_ptr<DeadlineTimer> timer;
  std::thread worker;
};

Session::Impl::Impl(std::shared_ptr<const Model> shared_model, SessionOptions session_options)
    : model(std::move(shared_model)),
      options(std::move(session_options)),
      policy(options.policy ? options.policy() : model->new_policy()),
      program(model->parts().program),
      execution(program->new_execution()),
      normalized(model->input_size()),
      slot(options.slot ? *options.slot : own_slot),
      number(slot.read().run) {
  if (const auto& weights = model->parts().combination) {
    const int classes = exec::class_count(program->outputs(0), program->blocks()[0].head);
    combiner.emplace(weights, classes);
    log_probabilities.resize(static_cast<std::size_t>(classes));
  }
  require_weights(default_publish());
  trace.reserve(3 * model->exits());
  answers.reserve(model->exits());
  if (options.deadlines) timer = std::make_unique<DeadlineTimer>(stop);
  try {
    worker = std::thread([this] { work(); });
  } catch (const std::system_error& error) {
    throw Error(ErrorKind::kIo, "session", error.what());
  }
  state.wait(RunState::kRunning, std::memory_order_acquire);
}

Session::Impl::~Impl() {
  stop_and_wait();
  quit.store(true, std::memory_order_relaxed);
  command.fetch_add(1, std::memory_order_release);
  command.notify_one();
  worker.join();
}

void Session::Impl::stop_and_wait() noexcept {
  stop.store(true, std::memory_order_relaxed);
  state.wait(RunState::kRunning, std::memory_order_acquire);
}

void Session::Impl::require_weights(Publish shown) const {
  if (shown != Publish::kCombined || combiner) return;
  throw Error(ErrorKind::kNotFound, "combined answers",
              "the bundle has no weights for them; einet profile with --data fits them");
}

void Session::Impl::normalize(std::span<const float> image) {
  if (image.size() != normalized.size()) {
    throw Error(ErrorKind::kInvalidData, "image",
                "has " + std::to_string(image.size()) + " values, the model's input " +
                    graph::to_string(model->input_shape()) + " has " + std::to_string(normalized.size()));
  }
  const Normalization& normalization = model->normalization();
  const graph::Shape& shape = model->input_shape();
  const std::size_t channels = shape.size() > 1 ? shape[1] : 1;
  const std::size_t plane = normalized.size() / channels;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const float mean = normalization.mean.empty() ? 0.0f : normalization.mean[channel];
    const float deviation = normalization.stddev.empty() ? 1.0f : normalization.stddev[channel];
    for (std::size_t i = channel * plane; i < (channel + 1) * plane; ++i) {
      if (!std::isfinite(image[i])) {
        throw Error(ErrorKind::kInvalidData, "image", "value " + std::to_string(i) + " is not finite");
      }
      normalized[i] = (image[i] - mean) / deviation;
    }
  }
}

void Session::Impl::start(std::span<const float> image, std::optional<Seconds> limit, Publish shown,
                          Clock::time_point now) {
  if (limit && std::isnan(limit->count())) throw Error(ErrorKind::kInvalidData, "deadline", "is not a number");
  if (limit && !timer) throw Error(ErrorKind::kUsage, "deadline", "this session was made without deadlines");
  require_weights(shown);
  normalize(image);

  if (state.load(std::memory_order_acquire) == RunState::kRunning) stop_and_wait();
  if (timer) timer->disarm();
  execution->set_input(normalized);
  begin = now;
  publish = shown;
  ++number;
  slot.publish({.run = number});  // "none yet": nobody takes the last run's answer for this one's
  stop.store(false, std::memory_order_relaxed);
  answered.store(0, std::memory_order_relaxed);
  state.store(RunState::kRunning, std::memory_order_release);
  deadline = nanoseconds::max();
  if (limit && *limit < kFarAway) {
    deadline = std::chrono::ceil<nanoseconds>(std::max(*limit, Seconds(0)));
    timer->arm(begin + deadline);
  }
  command.fetch_add(1, std::memory_order_release);
  command.notify_one();
}

void Session::Impl::work() noexcept {
  warm_up();
  std::uint32_t seen = 0;
  state.store(RunState::kIdle, std::memory_order_release);
  state.notify_all();
  for (;;) {
    seen = next_command(seen);
    if (quit.load(std::memory_order_relaxed)) return;
    const RunState end = run();
    state.store(end, std::memory_order_release);
    state.notify_all();
  }
}

/// Executes everything once, so that whatever libraries set up per thread is set up before the first run.
void Session::Impl::warm_up() noexcept {
  execution->set_input(normalized);
  policy->begin();
  policy->begin(model->horizon().count() / 2);  // planning for a deadline has its own memory
  for (int exit = 0; exit < model->exits(); ++exit) {
    execution->run_conv_part(exit, stop);
    execution->run_branch(exit, stop);
    const auto top = exec::top_one(execution->output(exit), program->blocks()[exit].head);
    if (combiner) combined(exit, top);
    policy->after({.exit = exit, .label = top.label, .confidence = top.confidence, .elapsed = 0.0});
  }
}

std::uint32_t Session::Impl::next_command(std::uint32_t seen) noexcept {
  if (can_spin && options.spin > Seconds(0)) {
    const auto until = Clock::now() + options.spin;
    while (command.load(std::memory_order_acquire) == seen && Clock::now() < until) relax();
  }
  command.wait(seen, std::memory_order_acquire);
  return command.load(std::memory_order_acquire);
}

RunState Session::Impl::run() noexcept {
  trace.clear();
  answers.clear();
  best_confidence = 0.0f;
  if (combiner) combiner->reset();
  last_event = elapsed();
  const bool known = deadline != nanoseconds::max();
  const bool whole = policy::run(*policy, known ? Seconds(deadline).count() : plan::kNoDeadline, *this);
  return whole ? RunState::kFinished : RunState::kInterrupted;
}

bool Session::Impl::branch(int exit, BranchOutput& output) noexcept {
  if (!run_part(BlockKind::kBranch, exit)) return false;
  const exec::TopOne top = answer(exit, last_event);
  // Policies are fitted on the exits' own answers, whatever is published.
  output = {.exit = exit, .label = top.label, .confidence = top.confidence, .elapsed = Seconds(last_event).count()};
  return true;
}

void Session::Impl::planned(int exit) noexcept {
  if (!policy->replans()) return;
  const nanoseconds now = elapsed();
  trace.push_back({BlockKind::kPlanning, exit, last_event, now});
  last_event = now;
}

/// False when the run is to stop: then nothing more may be published.
bool Session::Impl::run_part(BlockKind kind, int exit) noexcept {
  const bool done =
      kind == BlockKind::kConvPart ? execution->run_conv_part(exit, stop) : execution->run_branch(exit, stop);
  const nanoseconds now = elapsed();
  trace.push_back({kind, exit, last_event, now});
  last_event = now;
  return done && now < deadline && !stop.load(std::memory_order_relaxed);
}

/// The answer of all exits so far. An exit whose scores are not numbers is published as such and left out of the sum.
exec::TopOne Session::Impl::combined(int exit, const exec::TopOne& top) noexcept {
  if (!(top.confidence > 0.0f)) return top;
  exec::log_probabilities(execution->output(exit), program->blocks()[exit].head, top, log_probabilities);
  return combiner->add(exit, log_probabilities);
}

/// Publishes and returns the exit's own answer.
exec::TopOne Session::Impl::answer(int exit, nanoseconds elapsed) noexcept {
  const auto top = exec::top_one(execution->output(exit), program->blocks()[exit].head);
  const auto [label, confidence] = publish == Publish::kCombined ? combined(exit, top) : top;
  Answer answer{.label = label, .exit = exit, .confidence = confidence, .run = number, .elapsed = elapsed};
  const bool shown = answers.empty() || replaces(publish, top.confidence, best_confidence);
  if (shown) {
    best_confidence = top.confidence;
    answer.sequence = slot.publish(answer);
  }
  answers.push_back(answer);
  answered.store(answers.size(), std::memory_order_release);
  return top;
}

Session::Session(std::shared_ptr<const Model> model, SessionOptions options)
    : impl_(std::make_unique<Impl>(std::move(model), std::move(options))) {}

Session::~Session() = default;

void Session::start(std::span<const float> image, std::optional<Seconds> deadline, std::optional<Publish> publish) {
  impl_->start(image, deadline, publish.value_or(impl_->default_publish()), Clock::now());
}

Answer Session::latest() const noexcept { return impl_->slot.read(); }

void Session::interrupt() noexcept { impl_->stop.store(true, std::memory_order_relaxed); }

RunState Session::state() const noexcept { return impl_->state.load(std::memory_order_acquire); }

Answer Session::wait() noexcept {
  impl_->state.wait(RunState::kRunning, std::memory_order_acquire);
  return latest();
}

std::span<const TraceEvent> Session::trace() const noexcept { return impl_->trace; }

std::span<const Answer> Session::answers() const noexcept {
  return {impl_->answers.data(), impl_->answered.load(std::memory_order_acquire)};
}

}  // namespace einet
