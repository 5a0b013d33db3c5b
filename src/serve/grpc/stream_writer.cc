#include "serve/grpc/stream_writer.h"

#include <utility>

namespace einet::serve {

StreamWriter::StreamWriter(Write write) : write_(std::move(write)), thread_([this] { run(); }) {}

StreamWriter::~StreamWriter() {
  {
    const std::lock_guard lock(mutex_);
    quit_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void StreamWriter::add(inference::ModelStreamInferResponse response) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(response));
  }
  changed_.notify_all();
}

bool StreamWriter::flush(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  const auto over = [this] { return ended_ || (waiting_.empty() && !writing_); };
  return changed_.wait_for(lock, limit, over) && !ended_;
}

void StreamWriter::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return quit_ || (!waiting_.empty() && !ended_); });
    if (quit_) return;
    const inference::ModelStreamInferResponse response = std::move(waiting_.front());
    waiting_.pop_front();
    writing_ = true;
    lock.unlock();
    const bool sent = write_(response);
    lock.lock();
    writing_ = false;
    if (!sent) ended_ = true;
    changed_.notify_all();
  }
}

}  // namespace einet::serve
