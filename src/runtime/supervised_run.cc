#include "runtime/supervised_run.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/initial_answer.h"
#include "runtime/run_terms.h"

namespace einet {
namespace {

constexpr int kAttempts = 2;  ///< Workers tried for a run before it fails.

}  // namespace

SupervisedRun::SupervisedRun(std::shared_ptr<const SharedSlot> slot) : slot_(std::move(slot)), final_(slot_->read()) {
  number_ = closed_ = final_.run;
}

std::uint64_t SupervisedRun::begin(const RunOptions& options, Clock::time_point now) {
  const std::chrono::nanoseconds limit = run_deadline(options);
  const std::uint64_t run = run_number(options, number_);
  if (running()) close(RunState::kInterrupted);
  const Clock::time_point begin = run_begin(options, now);
  deadline_ = limit == kNoRunDeadline ? Clock::time_point::max() : begin + limit;
  request_ = {.kind = MessageKind::kStart, .run = run, .frame = options.frame};
  request_.begin = begin.time_since_epoch().count();
  request_.deadline = limit.count();
  if (options.publish) request_.publish = static_cast<std::int64_t>(*options.publish);
  number_ = run;
  state_ = RunState::kRunning;
  failure_.clear();
  lost_workers_ = 0;
  if (run <= interrupted_) close(RunState::kInterrupted);
  return run;
}

bool SupervisedRun::interrupt(std::uint64_t run) {
  interrupted_ = std::max(interrupted_, run);
  if (!running() || run < number_) return false;
  close(RunState::kInterrupted);
  return true;
}

void SupervisedRun::close(RunState end, std::string why) {
  final_ = latest();
  closed_ = number_;
  state_ = end;
  failure_ = std::move(why);
}

void SupervisedRun::lose_worker(const std::string& why) {
  ++lost_workers_;
  if (lost_workers_ >= kAttempts || latest(number_).exists()) close(RunState::kFailed, why);
}

Answer SupervisedRun::latest() const {
  const Answer answer = slot_->read();
  return answer.run <= closed_ ? final_ : answer;
}

Answer SupervisedRun::latest(std::uint64_t run) const {
  const Answer answer = latest();
  if (answer.run == run) return answer;
  const bool unanswered = answer.run < run && run <= number_;
  return unanswered ? initial_answer(initial_, frequent_, answer) : Answer{};
}

}  // namespace einet
