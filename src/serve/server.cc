#include "serve/server.h"

#include <thread>

namespace einet::serve {

Server::Server(Engine& engine, const std::optional<HttpOptions>& http, const std::optional<GrpcOptions>& grpc)
    : engine_(engine) {
  if (http) http_ = std::make_unique<HttpServer>(engine, watch_, *http);
  if (grpc) grpc_ = std::make_unique<GrpcServer>(engine, watch_, *grpc);
}

std::optional<std::uint16_t> Server::http_port() const { return http_ ? std::optional(http_->port()) : std::nullopt; }

std::optional<std::uint16_t> Server::grpc_port() const { return grpc_ ? std::optional(grpc_->port()) : std::nullopt; }

void Server::announce_end() {
  engine_.announce_end();
  if (grpc_) grpc_->announce_end();
}

void Server::drain(std::chrono::seconds limit) {
  // Requests that have been received but not yet read are refused in this time; gRPC would cancel them.
  constexpr std::chrono::milliseconds kPause{500};
  engine_.close();
  engine_.wait_until_idle();
  std::this_thread::sleep_for(kPause);
  if (http_) http_->drain(limit);
  if (grpc_) grpc_->drain(limit);
}

}  // namespace einet::serve
