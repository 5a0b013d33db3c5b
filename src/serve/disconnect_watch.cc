#include "serve/disconnect_watch.h"

#include <utility>

namespace einet::serve {

DisconnectWatch::DisconnectWatch() : thread_([this] { run(); }) {}

DisconnectWatch::~DisconnectWatch() {
  {
    const std::lock_guard lock(mutex_);
    quit_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void DisconnectWatch::run() {
  std::unique_lock lock(mutex_);
  while (!quit_) {
    changed_.wait(lock, [this] { return quit_ || !checks_.empty(); });
    changed_.wait_for(lock, kInterval, [this] { return quit_; });
    for (const auto& check : checks_) check();
  }
}

DisconnectWatch::Request::Request(DisconnectWatch& watch, std::function<bool()> gone, Cancellation& cancellation)
    : watch_(watch) {
  const std::lock_guard lock(watch_.mutex_);
  place_ = watch_.checks_.insert(watch_.checks_.end(), [gone = std::move(gone), &cancellation] {
    if (gone()) cancellation.cancel();
  });
  if (watch_.checks_.size() == 1) watch_.changed_.notify_one();
}

DisconnectWatch::Request::~Request() {
  const std::lock_guard lock(watch_.mutex_);
  watch_.checks_.erase(place_);
}

}  // namespace einet::serve
