#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "serve/disconnect_watch.h"
#include "serve/engine.h"

namespace einet::serve {

struct HttpOptions {
  std::string address = "0.0.0.0";
  std::uint16_t port = 8080;  ///< 0 = any free one.
  /// Open connections. If one more arrives, the one that has waited longest for a request is closed, so that idle and
  /// slow clients cannot keep others out.
  std::size_t connections = 1024;
  std::chrono::seconds idle{60};     ///< How long a connection may wait for its next request,
  std::chrono::seconds request{10};  ///< a client may take to send one,
  std::chrono::seconds write{10};    ///< and to receive a reply.
  std::size_t header_bytes = 8192;
  std::string version = {};  ///< Of EINet, for the server's metadata.
};

/// The REST protocol, metrics and the web page (docs/serve.md) over HTTP/1.1.
///
/// A few threads serve all connections. The thread that has read a request also runs it, because handing it to another
/// would delay the answer; the engine bounds how many threads do so at a time, and there are more.
class HttpServer {
 public:
  /// Listens and serves at once. Both arguments must outlive the server. Throws kIo if the address cannot be used.
  HttpServer(Engine& engine, DisconnectWatch& watch, const HttpOptions& options);
  ~HttpServer();  ///< Closes all connections.
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  /// Accepts no more connections and waits until all replies in progress are sent, at most `limit`.
  void drain(std::chrono::seconds limit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace einet::serve
