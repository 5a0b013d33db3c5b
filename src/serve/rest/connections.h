#pragma once

#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>

namespace einet::serve {

/// The open connections of a server, of which it keeps at most a fixed number. A connection is either waiting for a
/// request, which includes receiving it, or busy with one. Any thread.
class Connections {
 public:
  class Connection {
   public:
    virtual ~Connection() = default;
    /// Closes it; called by any thread, so an implementation must hand this over to its own.
    virtual void close() = 0;
  };
  using Place = std::list<std::weak_ptr<Connection>>::iterator;

  explicit Connections(std::size_t most) : most_(most) {}

  /// A new connection, which waits. If there are too many, the one that has waited longest is closed, which may be this
  /// one.
  Place add(std::weak_ptr<Connection> connection) {
    std::shared_ptr<Connection> oldest;
    const std::lock_guard lock(mutex_);
    const Place place = waiting_.insert(waiting_.end(), std::move(connection));
    if (waiting_.size() + busy_.size() > most_) oldest = waiting_.front().lock();
    if (oldest) oldest->close();
    return place;
  }
  void set_busy(Place place) {
    const std::lock_guard lock(mutex_);
    busy_.splice(busy_.end(), waiting_, place);
  }
  void set_waiting(Place place) {
    const std::lock_guard lock(mutex_);
    waiting_.splice(waiting_.end(), busy_, place);
    idle_.notify_all();
  }
  void remove(Place place, bool busy) {
    const std::lock_guard lock(mutex_);
    (busy ? busy_ : waiting_).erase(place);
    idle_.notify_all();
  }
  /// Waits until no connection is busy; false if `limit` has passed before.
  template <class Duration>
  bool wait_until_idle(Duration limit) {
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, limit, [&] { return busy_.empty(); });
  }

 private:
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::list<std::weak_ptr<Connection>> waiting_;  ///< Longest first.
  std::list<std::weak_ptr<Connection>> busy_;
};

}  // namespace einet::serve
