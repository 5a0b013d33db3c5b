#include "cli/runner.h"

#include <chrono>
#include <thread>
#include <utility>

namespace einet::cli {
namespace {

class SessionRunner final : public Runner {
 public:
  SessionRunner(std::shared_ptr<const Model> model, SessionOptions options)
      : horizon_(model->horizon()), session_(std::move(model), std::move(options)) {}

  Seconds horizon() const override { return horizon_; }
  void start(std::span<const float> image, const RunOptions& options) override { session_.start(image, options); }
  void stream(const std::function<void(const Answer&)>& show) override {
    constexpr std::chrono::microseconds kPause{20};
    std::size_t seen = 0;
    for (bool running = true; running;) {
      running =
          session_.state() == RunState::kRunning;  // Read before the answers: none is published after the end of a run.
      for (const Answer& answer : session_.answers().subspan(seen)) {
        ++seen;
        if (answer.sequence != 0) show(answer);  // 0: not published, because an earlier one was more confident.
      }
      if (running) std::this_thread::sleep_for(kPause);
    }
  }
  Answer wait() override { return session_.wait(); }
  std::vector<Answer> answers() override { return {session_.answers().begin(), session_.answers().end()}; }
  RunState state() const override { return session_.state(); }
  std::string failure() const override { return std::string(session_.failure()); }
  std::string persist_failure() const override { return session_.persist_failure(); }

 private:
  Seconds horizon_;
  Session session_;
};

class SupervisedRunner final : public Runner {
 public:
  SupervisedRunner(std::vector<std::string> command, SupervisorOptions options)
      : supervisor_(std::move(command), std::move(options)), sequence_(supervisor_.latest().sequence) {}

  Seconds horizon() const override { return supervisor_.horizon(); }
  void start(std::span<const float> image, const RunOptions& options) override {
    answers_.clear();
    run_ = supervisor_.start(image, options);
  }
  void stream(const std::function<void(const Answer&)>& show) override {
    for (;;) {
      const Answer answer = supervisor_.wait_next(sequence_);
      if (answer.sequence <= sequence_) return;
      sequence_ = answer.sequence;
      if (answer.run != run_) continue;
      answers_.push_back(answer);
      show(answer);
    }
  }
  Answer wait() override {
    stream([](const Answer&) {});
    return supervisor_.wait();
  }
  std::vector<Answer> answers() override { return answers_; }
  RunState state() const override { return supervisor_.state(); }
  std::string failure() const override { return supervisor_.failure(); }
  std::string persist_failure() const override { return supervisor_.persist_failure(); }
  std::vector<WorkerEnd> new_ends() override {
    std::vector<WorkerEnd> ends = supervisor_.ends();
    std::erase_if(ends, [this](const WorkerEnd& end) { return end.time <= reported_; });
    if (!ends.empty()) reported_ = ends.back().time;
    return ends;
  }

 private:
  Supervisor supervisor_;
  std::uint64_t run_ = 0;
  std::uint64_t sequence_;  ///< Of the last answer shown.
  std::vector<Answer> answers_;
  Clock::time_point reported_{};
};

}  // namespace

std::unique_ptr<Runner> session_runner(std::shared_ptr<const Model> model, SessionOptions options) {
  return std::make_unique<SessionRunner>(std::move(model), std::move(options));
}

std::unique_ptr<Runner> supervised_runner(std::vector<std::string> command, SupervisorOptions options) {
  return std::make_unique<SupervisedRunner>(std::move(command), std::move(options));
}

}  // namespace einet::cli
