#pragma once

#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <utility>

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
  struct Entry;
  using List = std::list<Entry>;
  using Place = List::iterator;
  struct Entry {
    std::weak_ptr<Connection> connection;
    List* list;  ///< That it is in.
  };

  explicit Connections(std::size_t most) : most_(most) {}

  /// A new connection, which waits. If there are too many, the one that has waited longest is closed, which may be this
  /// one.
  Place add(std::weak_ptr<Connection> connection) {
    std::shared_ptr<Connection> oldest;
    const std::lock_guard lock(mutex_);
    const Place place = waiting_.insert(waiting_.end(), {std::move(connection), &waiting_});
    if (waiting_.size() + busy_.size() > most_) {
      oldest = waiting_.front().connection.lock();
      move(waiting_.begin(), closing_);
    }
    if (oldest) oldest->close();
    return place;
  }
  /// Also for a connection that was told to close but has received a request before: it stays open.
  void set_busy(Place place) {
    const std::lock_guard lock(mutex_);
    move(place, busy_);
  }
  void set_waiting(Place place) {
    const std::lock_guard lock(mutex_);
    move(place, waiting_);
    idle_.notify_all();
  }
  void remove(Place place) {
    const std::lock_guard lock(mutex_);
    place->list->erase(place);
    idle_.notify_all();
  }
  /// Waits until no connection is busy; false if `limit` has passed before.
  template <class Duration>
  bool wait_until_idle(Duration limit) {
    std::unique_lock lock(mutex_);
    return idle_.wait_for(lock, limit, [&] { return busy_.empty(); });
  }

 private:
  /// To the end of `list`.
  static void move(Place place, List& list) {
    list.splice(list.end(), *place->list, place);
    place->list = &list;
  }

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable idle_;
  List waiting_;  ///< Longest first.
  List busy_;
  List closing_;  ///< Told to close, and not counted any more.
};

}  // namespace einet::serve
