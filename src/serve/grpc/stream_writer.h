#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "serve/grpc/inference.pb.h"

namespace einet::serve {

/// Sends the responses of a stream in a thread of its own: a client that does not read makes gRPC's Write() block,
/// which must not hold up the run that gives the answers, nor the session that it uses.
class StreamWriter {
 public:
  /// Sends one response, and returns when gRPC has taken it over; false if the stream has ended.
  using Write = std::function<bool(const inference::ModelStreamInferResponse&)>;

  explicit StreamWriter(Write write);
  ~StreamWriter();  ///< Waits for the call of `write` in progress; responses that have not begun are dropped.
  StreamWriter(const StreamWriter&) = delete;
  StreamWriter& operator=(const StreamWriter&) = delete;

  /// Does not wait.
  void add(inference::ModelStreamInferResponse response);
  /// Waits until all responses are sent. False if this takes longer than `limit` or the stream has ended.
  bool flush(std::chrono::milliseconds limit);

 private:
  void run();

  const Write write_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<inference::ModelStreamInferResponse> waiting_;
  bool writing_ = false, ended_ = false, quit_ = false;
  std::thread thread_;
};

}  // namespace einet::serve
