#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>

#include "serve/disconnect_watch.h"
#include "serve/engine.h"
#include "serve/rest/connections.h"
#include "serve/rest/http_server.h"

namespace einet::serve {

/// What the connections of a server share. All references must outlive them.
struct HttpService {
  Engine& engine;
  DisconnectWatch& watch;
  Connections& connections;
  boost::asio::any_io_executor threads;  ///< For work outside the strands of connections.
  const HttpOptions& options;
  std::size_t most_body_bytes;
};

/// Serves requests on a connection until it is closed. The executor of `socket` must be a strand.
void serve_connection(boost::asio::ip::tcp::socket socket, HttpService& service);

}  // namespace einet::serve
