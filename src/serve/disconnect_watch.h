#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

#include "serve/cancellation.h"

namespace einet::serve {

/// Cancels requests whose clients have gone. One thread asks for each request in progress, every kInterval, whether its
/// client is still there; most requests end before it asks. It sleeps while there are none.
class DisconnectWatch {
 public:
  static constexpr std::chrono::milliseconds kInterval{1};

  DisconnectWatch();
  ~DisconnectWatch();
  DisconnectWatch(const DisconnectWatch&) = delete;
  DisconnectWatch& operator=(const DisconnectWatch&) = delete;

  /// Watches a request during its lifetime. `gone` is called by the watching thread and must not block; `cancellation`
  /// must outlive this object.
  class Request {
   public:
    Request(DisconnectWatch& watch, std::function<bool()> gone, Cancellation& cancellation);
    ~Request();
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;

   private:
    DisconnectWatch& watch_;
    std::list<std::function<void()>>::iterator place_;
  };

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<std::function<void()>> checks_;  ///< One for each request in progress.
  bool quit_ = false;
  std::thread thread_;
};

}  // namespace einet::serve
