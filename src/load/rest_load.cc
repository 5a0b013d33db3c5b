#include "load/rest_load.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "einet/error.h"

namespace einet::load {
namespace {

namespace http = boost::beast::http;
namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;
using nlohmann::json;

std::string http_message(const Target& target, const Planned& planned) {
  const std::size_t bytes = planned.pixels.size_bytes();
  json document{{"inputs",
                 {{{"name", "image"},
                   {"datatype", "FP32"},
                   {"shape", target.shape},
                   {"parameters", {{"binary_data_size", bytes}}}}}},
                {"outputs", {{{"name", "label"}}}}};
  if (planned.timeout) document["parameters"] = {{"timeout", planned.timeout->count()}};
  const std::string text = document.dump();
  std::string message = "POST /v2/models/" + target.model + "/infer HTTP/1.1\r\nHost: " + target.host +
                        "\r\nContent-Length: " + std::to_string(text.size() + bytes) +
                        "\r\nInference-Header-Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
  return message.append(reinterpret_cast<const char*>(planned.pixels.data()), bytes);
}

void read_reply(const http::response<http::string_body>& response, Outcome& outcome) {
  if (response.result() != http::status::ok) {
    outcome.refusal = std::to_string(response.result_int());
    return;
  }
  try {
    const json document = json::parse(response.body());
    const json& parameters = document.at("parameters");
    outcome.interrupted = parameters.at("interrupted").get<bool>();
    outcome.label = document.at("outputs").at(0).at("data").at(0).get<int>();
    outcome.exit = parameters.at("exit").get<int>() - 1;
  } catch (const json::exception&) {
    outcome.refusal = "malformed reply";
  }
}

struct Connection {
  explicit Connection(tcp::socket opened) : socket(std::move(opened)) {}
  tcp::socket socket;
  boost::beast::flat_buffer buffer;
  std::optional<http::response_parser<http::string_body>> parser;
  std::string message;
};

/// Everything happens in the thread that calls run().
class RestLoad {
 public:
  RestLoad(const Target& target, std::span<const Planned> requests)
      : target_(target), requests_(requests), outcomes_(requests.size(), Outcome{.refusal = kNoReply}) {
    error_code error;
    endpoint_ = tcp::endpoint(net::ip::make_address(target.host, error), target.port);
    if (error) throw Error(ErrorKind::kUsage, target.host, "is not an IP address");
    constexpr int kPrepared = 8;
    for (int i = 0; i < kPrepared; ++i) {
      idle_.push_back(connect(error));
      if (error) throw Error(ErrorKind::kIo, target.host + ":" + std::to_string(target.port), error.message());
    }
  }

  std::vector<Outcome> run() {
    begin_ = Clock::now();
    prepare(0);
    context_.run_until(due(requests_.size() - 1) + kPatience);
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
      if (outcomes_[i].refusal == kNoReply) outcomes_[i].latency = Clock::now() - due(i);
    }
    return std::move(outcomes_);
  }

 private:
  std::shared_ptr<Connection> connect(error_code& error) {
    tcp::socket socket(context_);
    socket.connect(endpoint_, error);
    if (!error) socket.set_option(tcp::no_delay(true), error);
    return std::make_shared<Connection>(std::move(socket));
  }

  Clock::time_point due(std::size_t i) const {
    return begin_ + std::chrono::duration_cast<Clock::duration>(requests_[i].due);
  }

  /// Prepares a request before its time, so that this work does not delay it.
  void prepare(std::size_t i) {
    if (i == requests_.size()) return;
    timer_.expires_at(due(i));
    timer_.async_wait([this, i, message = http_message(target_, requests_[i])](error_code) mutable {
      send(i, std::move(message));
      prepare(i + 1);
    });
  }

  void send(std::size_t i, std::string message) {
    error_code error;
    if (idle_.empty()) idle_.push_back(connect(error));
    const std::shared_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    outcomes_[i].sent = Clock::now() - due(i);
    if (error) return finish(i, connection, error);
    connection->message = std::move(message);
    connection->parser.emplace();
    net::async_write(connection->socket, net::buffer(connection->message),
                     [this, i, connection](error_code failed, std::size_t) {
                       if (failed) return finish(i, connection, failed);
                       receive(i, connection);
                     });
  }

  void receive(std::size_t i, const std::shared_ptr<Connection>& connection) {
    http::async_read(connection->socket, connection->buffer, *connection->parser,
                     [this, i, connection](error_code error, std::size_t) { finish(i, connection, error); });
  }

  void finish(std::size_t i, const std::shared_ptr<Connection>& connection, error_code error) {
    Outcome& outcome = outcomes_[i];
    outcome.latency = Clock::now() - due(i);
    outcome.refusal = error ? "connection" : "";
    if (error) return;
    read_reply(connection->parser->get(), outcome);
    if (connection->parser->keep_alive()) idle_.push_back(connection);
  }

  const Target& target_;
  const std::span<const Planned> requests_;
  std::vector<Outcome> outcomes_;
  tcp::endpoint endpoint_;
  net::io_context context_{1};
  net::steady_timer timer_{context_};
  std::vector<std::shared_ptr<Connection>> idle_;  ///< The last one was used last.
  Clock::time_point begin_;
};

}  // namespace

std::vector<Outcome> run_rest(const Target& target, std::span<const Planned> requests) {
  if (requests.empty()) return {};
  return RestLoad(target, requests).run();
}

}  // namespace einet::load
