#pragma once

#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "einet/model.h"
#include "einet/session.h"
#include "serve/cancellation.h"

namespace einet::serve {

/// One session of every model on one processor. One request uses it at a time.
using SessionGroup = std::vector<std::unique_ptr<Session>>;

/// The sessions of a server: a group pinned to each of its processors. All sessions of a model share its weights.
/// Requests that find every group in use wait in arrival order, at most `capacity` of them.
///
/// All functions may be called from any thread. Leases must not outlive the pool.
class SessionPool {
 public:
  /// The right to use a group, until it is destroyed.
  class Lease {
   public:
    Lease(SessionPool& pool, SessionGroup& group) : pool_(&pool), group_(&group) {}
    ~Lease() {
      if (pool_ != nullptr) pool_->release(*group_);
    }
    Lease(Lease&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), group_(other.group_) {}
    Lease& operator=(Lease&&) = delete;
    Session& session(std::size_t model) const { return *(*group_)[model]; }

   private:
    SessionPool* pool_;
    SessionGroup* group_;
  };

  /// `processors` are the numbers of the processors; `options` are those of every session, except for its threads.
  /// Throws what the constructor of Session throws.
  SessionPool(const std::vector<std::shared_ptr<const Model>>& models, const std::vector<int>& processors,
              std::size_t capacity, const SessionOptions& options);

  /// Waits for a free group, at most until `latest`. Throws RequestError: kQueueFull, kTooShort at `latest`,
  /// kCancelled, and kDraining after close().
  Lease acquire(std::optional<Clock::time_point> latest, Cancellation& cancellation);

  /// From now on acquire() throws, except for requests that already wait.
  void close();
  bool closed() const;
  /// Waits until no group is in use and no request waits. Call close() first.
  void wait_until_idle();

  std::size_t size() const { return groups_.size(); }
  std::size_t busy() const;
  std::size_t waiting() const;

 private:
  struct Waiter {
    SessionGroup* group = nullptr;
    bool cancelled = false;
    std::condition_variable changed;
  };

  void release(SessionGroup& group);

  std::vector<SessionGroup> groups_;
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::vector<SessionGroup*> free_;
  std::list<Waiter*> waiting_;  ///< First come, first served.
  std::condition_variable idle_;
  bool closed_ = false;
};

}  // namespace einet::serve
