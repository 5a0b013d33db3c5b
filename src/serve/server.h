#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "serve/disconnect_watch.h"
#include "serve/engine.h"
#include "serve/grpc/grpc_server.h"
#include "serve/rest/http_server.h"

namespace einet::serve {

/// An engine and the protocols by which it is reached.
class Server {
 public:
  /// Serves at once, by HTTP and by gRPC unless the options of one are empty. `engine` must outlive the server.
  Server(Engine& engine, const std::optional<HttpOptions>& http, const std::optional<GrpcOptions>& grpc);

  std::optional<std::uint16_t> http_port() const;
  std::optional<std::uint16_t> grpc_port() const;

  /// From now on the server is not ready, by every protocol, and closes HTTP connections after their next reply, but
  /// still answers requests: load balancers send theirs elsewhere.
  void announce_end();
  /// Refuses new requests, waits for the end of all accepted ones and until their replies are sent. `limit` is for
  /// sending: slow clients do not hold up the end any longer.
  void drain(std::chrono::seconds limit);

 private:
  Engine& engine_;
  DisconnectWatch watch_;
  std::unique_ptr<HttpServer> http_;
  std::unique_ptr<GrpcServer> grpc_;
};

}  // namespace einet::serve
