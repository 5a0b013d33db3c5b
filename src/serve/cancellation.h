#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace einet::serve {

/// Lets one thread cancel the request that another one is working on.
class Cancellation {
 public:
  /// Any thread; the first call runs the current action.
  void cancel() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(requested_, true)) return;
    if (action_) action_();
  }

  bool requested() const {
    const std::lock_guard lock(mutex_);
    return requested_;
  }

  /// What cancel() does while this object exists: stop waiting, or interrupt a run. One at a time. If the request is
  /// already cancelled, the action runs at once. It must not use the Cancellation.
  class Action {
   public:
    Action(Cancellation& cancellation, std::function<void()> action) : cancellation_(cancellation) {
      const std::lock_guard lock(cancellation_.mutex_);
      cancellation_.action_ = std::move(action);
      if (cancellation_.requested_) cancellation_.action_();
    }
    ~Action() {
      const std::lock_guard lock(cancellation_.mutex_);
      cancellation_.action_ = nullptr;
    }
    Action(const Action&) = delete;
    Action& operator=(const Action&) = delete;

   private:
    Cancellation& cancellation_;
  };

 private:
  mutable std::mutex mutex_;
  bool requested_ = false;
  std::function<void()> action_;
};

}  // namespace einet::serve
