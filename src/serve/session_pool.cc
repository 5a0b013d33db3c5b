#include "serve/session_pool.h"

#include <algorithm>

#include "serve/refusal.h"

namespace einet::serve {

SessionPool::SessionPool(const std::vector<std::shared_ptr<const Model>>& models, const std::vector<int>& processors,
                         std::size_t capacity, const SessionOptions& options)
    : groups_(processors.size()), capacity_(capacity) {
  for (std::size_t i = 0; i < processors.size(); ++i) {
    SessionOptions pinned = options;
    pinned.threads.processors = {processors[i]};
    for (const auto& model : models) groups_[i].push_back(std::make_unique<Session>(model, pinned));
    free_.push_back(&groups_[i]);
  }
}

SessionPool::Lease SessionPool::acquire(std::optional<Clock::time_point> latest, Cancellation& cancellation) {
  Waiter self;
  const Cancellation::Action stop_waiting(cancellation, [&] {
    const std::lock_guard lock(mutex_);
    self.cancelled = true;
    self.changed.notify_one();
  });
  std::unique_lock lock(mutex_);
  if (closed_) throw RequestError(Refusal::kDraining, "the server is shutting down");
  if (!free_.empty()) {
    SessionGroup* const group = free_.back();  // The one used last: its caches are warm.
    free_.pop_back();
    return Lease(*this, *group);
  }
  if (waiting_.size() >= capacity_) {
    throw RequestError(Refusal::kQueueFull,
                       "the queue is full: " + std::to_string(capacity_) + " requests are waiting");
  }
  const auto place = waiting_.insert(waiting_.end(), &self);
  const auto over = [&] { return self.group != nullptr || self.cancelled; };
  if (latest) {
    self.changed.wait_until(lock, *latest, over);
  } else {
    self.changed.wait(lock, over);
  }
  if (self.group != nullptr) return Lease(*this, *self.group);
  waiting_.erase(place);
  if (closed_) idle_.notify_all();
  if (self.cancelled) throw RequestError(Refusal::kCancelled, "the request was cancelled while it waited");
  throw RequestError(Refusal::kTooShort, "all sessions were in use until too late for the planned first answer");
}

void SessionPool::release(SessionGroup& group) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) {
    free_.push_back(&group);
    if (closed_) idle_.notify_all();
    return;
  }
  Waiter& next = *waiting_.front();
  waiting_.pop_front();
  next.group = &group;
  next.changed.notify_one();
}

void SessionPool::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

bool SessionPool::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

void SessionPool::wait_until_idle() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [&] { return free_.size() == groups_.size() && waiting_.empty(); });
}

std::size_t SessionPool::busy() const {
  const std::lock_guard lock(mutex_);
  return groups_.size() - free_.size();
}

std::size_t SessionPool::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace einet::serve
