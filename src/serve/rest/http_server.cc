#include "serve/rest/http_server.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <thread>
#include <vector>

#include "einet/error.h"
#include "serve/rest/http_connection.h"

namespace einet::serve {

namespace net = boost::asio;
using net::ip::tcp;

struct HttpServer::Impl {
  Impl(Engine& engine, DisconnectWatch& watch, const HttpOptions& http_options);
  ~Impl();
  void accept();

  const HttpOptions options;
  Connections connections;
  // Two threads more than may be running requests, for everything else.
  const std::size_t thread_count;
  net::io_context context{static_cast<int>(thread_count)};
  HttpService service;
  tcp::acceptor acceptor{net::make_strand(context)};
  net::steady_timer retry{acceptor.get_executor()};
  std::vector<std::thread> threads;
};

namespace {

/// Room for an input in JSON, where a number needs some 20 characters.
std::size_t most_body_bytes(const Engine& engine) {
  constexpr std::size_t kPerPixel = 32, kRest = 65536;
  std::size_t pixels = 0;
  for (const ServedModel& model : engine.models()) pixels = std::max(pixels, model.model->input_size());
  return kRest + kPerPixel * pixels;
}

}  // namespace

HttpServer::Impl::Impl(Engine& engine, DisconnectWatch& watch, const HttpOptions& http_options)
    : options(http_options),
      connections(options.connections),
      thread_count(engine.most_requests() + 2),
      service{engine, watch, connections, context.get_executor(), options, most_body_bytes(engine)} {
  try {
    const tcp::endpoint endpoint(net::ip::make_address(options.address), options.port);
    acceptor.open(endpoint.protocol());
    acceptor.set_option(net::socket_base::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen(net::socket_base::max_listen_connections);
  } catch (const boost::system::system_error& error) {
    throw Error(ErrorKind::kIo, "HTTP on " + options.address + ":" + std::to_string(options.port),
                error.code().message());
  }
  accept();
  for (std::size_t i = 0; i < thread_count; ++i) threads.emplace_back([this] { context.run(); });
}

HttpServer::Impl::~Impl() {
  context.stop();
  for (std::thread& thread : threads) thread.join();
}

void HttpServer::Impl::accept() {
  acceptor.async_accept(net::make_strand(context), [this](boost::system::error_code error, tcp::socket socket) {
    if (error == net::error::operation_aborted) return;
    if (!error) {
      serve_connection(std::move(socket), service);
      return accept();
    }
    // Usually out of file descriptors, until some connections are closed.
    constexpr std::chrono::milliseconds kPause{100};
    retry.expires_after(kPause);
    retry.async_wait([this](boost::system::error_code aborted) {
      if (!aborted) accept();
    });
  });
}

HttpServer::HttpServer(Engine& engine, DisconnectWatch& watch, const HttpOptions& options)
    : impl_(std::make_unique<Impl>(engine, watch, options)) {}

HttpServer::~HttpServer() = default;

std::uint16_t HttpServer::port() const { return impl_->acceptor.local_endpoint().port(); }

void HttpServer::drain(std::chrono::seconds limit) {
  net::post(impl_->acceptor.get_executor(), [this] {
    impl_->retry.cancel();
    impl_->acceptor.close();
  });
  impl_->connections.wait_until_idle(limit);
}

}  // namespace einet::serve
