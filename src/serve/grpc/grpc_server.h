#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "serve/disconnect_watch.h"
#include "serve/engine.h"

namespace einet::serve {

struct GrpcOptions {
  std::string address = "0.0.0.0";
  std::uint16_t port = 9000;  ///< 0 = any free one.
  /// A call's own deadline is an upper bound of its cut-off, less this margin for the way back: clients round deadlines
  /// to milliseconds, and discard replies that arrive later.
  std::chrono::milliseconds margin{2};
  int streams = 64;                ///< ModelStreamInfer calls that may be open at a time; each occupies two threads.
  int calls = 256;                 ///< Calls that may be open on one connection; clients wait with more.
  std::chrono::seconds write{10};  ///< How long the client of a stream may take to receive the replies to a request,
  std::chrono::seconds handshake{10};    ///< to begin a connection, or to answer a ping.
  std::chrono::seconds keep_alive{120};  ///< After this time without traffic, a client is pinged.
  std::string version = {};              ///< Of EINet, for the server's metadata.
};

/// The gRPC protocol (docs/serve.md), by gRPC's synchronous interface with a bounded number of threads.
class GrpcServer {
 public:
  /// Serves at once. Both arguments must outlive the server. Throws kIo if the address cannot be used.
  GrpcServer(Engine& engine, DisconnectWatch& watch, const GrpcOptions& options);
  ~GrpcServer();  ///< Cancels all calls.
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  std::uint16_t port() const;
  /// From now on gRPC's health service reports that the server does not serve.
  void announce_end();
  /// Accepts no more calls and waits for those in progress, at most `limit`.
  void drain(std::chrono::seconds limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace einet::serve
