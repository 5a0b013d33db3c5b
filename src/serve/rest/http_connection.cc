#include "serve/rest/http_connection.h"

#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <cerrno>
#include <charconv>
#include <deque>
#include <optional>
#include <utility>

#include "serve/refusal.h"
#include "serve/rest/event_stream.h"
#include "serve/rest/infer_json.h"
#include "serve/rest/responses.h"
#include "serve/rest/routes.h"

namespace einet::serve {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

/// An inference request whose body has been parsed.
struct Job {
  const ServedModel& model;
  RestRequest request;
};

std::optional<std::size_t> json_bytes_of(const HttpRequest& message) {
  const auto found = message.find("Inference-Header-Content-Length");
  if (found == message.end()) return std::nullopt;
  std::size_t bytes = 0;
  const beast::string_view text = found->value();
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  require(error == std::errc() && end == text.data() + text.size(),
          "Inference-Header-Content-Length is not a number of bytes");
  return bytes;
}

/// HTTP/1.0 has neither chunks nor 100 Continue.
bool is_1_0(const HttpRequest& message) {
  constexpr unsigned kVersion10 = 10;
  return message.version() <= kVersion10;
}

bool wants_events(const HttpRequest& message) {
  return !is_1_0(message) && message[http::field::accept].find("text/event-stream") != beast::string_view::npos;
}

/// One connection. Its handlers run one at a time, in the strand of its socket; only an event stream is computed
/// outside the strand, so that its answers can be sent meanwhile.
class HttpConnection final : public Connections::Connection, public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(tcp::socket socket, HttpService& service) : stream_(std::move(socket)), service_(service) {}
  ~HttpConnection() override {
    if (registered_) service_.connections.remove(place_);
  }
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  void start() {
    error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
    place_ = service_.connections.add(weak_from_this());
    registered_ = true;
    net::post(stream_.get_executor(), [self = shared_from_this()] { self->wait_for_request(); });
  }

  void close() override {
    net::post(stream_.get_executor(), [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self && !static_cast<HttpConnection&>(*self).busy_) static_cast<HttpConnection&>(*self).stream_.close();
    });
  }

 private:
  /// A handler of an asynchronous operation: calls `method` unless the operation failed, which closes the connection.
  template <class Method>
  auto then(Method method) {
    return [self = shared_from_this(), method](error_code error, std::size_t) {
      if (error) return self->stream_.close();
      (self.get()->*method)();
    };
  }
  /// The same for reading, where a malformed request gets a reply.
  template <class Method>
  auto after_reading(Method method) {
    return [self = shared_from_this(), method](error_code error, std::size_t) {
      if (error) return self->reading_failed(error);
      (self.get()->*method)();
    };
  }

  void wait_for_request() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(service_.options.header_bytes));
    parser_->body_limit(service_.most_body_bytes);
    if (buffer_.size() > 0) return read_header();  // The client has sent several requests at once.
    stream_.expires_after(service_.options.idle);
    // Not by http::async_read_some, which returns only after a whole header.
    stream_.async_read_some(buffer_.prepare(kPart), [self = shared_from_this()](error_code error, std::size_t bytes) {
      if (error) return self->stream_.close();
      self->buffer_.commit(bytes);
      self->read_header();
    });
  }

  void read_header() {
    arrival_ = Clock::now();
    stream_.expires_after(service_.options.request);
    http::async_read_header(stream_, buffer_, *parser_, after_reading(&HttpConnection::read_body));
  }

  void read_body() {
    if (parser_->is_done()) return handle();
    const HttpRequest& header = parser_->get();
    if (is_1_0(header) || !beast::iequals(header[http::field::expect], "100-continue")) return read_rest();
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    net::async_write(stream_, net::buffer(kContinue), then(&HttpConnection::read_rest));
  }

  void read_rest() { http::async_read(stream_, buffer_, *parser_, after_reading(&HttpConnection::handle)); }

  void reading_failed(error_code error) {
    const bool malformed = error.category() == http::make_error_code(http::error::end_of_stream).category() &&
                           error != http::error::end_of_stream && error != http::error::partial_message;
    if (!malformed) return stream_.close();
    set_busy();
    message_ = {};
    keep_alive_ = false;
    if (error == http::error::body_limit) {
      return send(error_response(http::status::payload_too_large,
                                 "the body has more than " + std::to_string(service_.most_body_bytes) + " bytes"));
    }
    if (error == http::error::header_limit) {
      return send(
          error_response(http::status::request_header_fields_too_large,
                         "the header has more than " + std::to_string(service_.options.header_bytes) + " bytes"));
    }
    send(error_response(http::status::bad_request, "the request is not HTTP: " + error.message()));
  }

  void handle() {
    set_busy();
    message_ = parser_->release();
    keep_alive_ = message_.keep_alive() && service_.engine.ready();
    try {
      respond_to_message();
    } catch (const RequestError& error) {
      send(error_response(status_of(error.refusal()), error.what()));
    } catch (const std::exception& error) {
      send(error_response(http::status::internal_server_error, error.what()));
    }
  }

  void respond_to_message() {
    const auto target = message_.target();
    const std::optional<Route> route = find_route({target.data(), target.size()});
    if (!route) throw RequestError(Refusal::kNotFound, "there is no such path");
    const std::string_view method = method_of(route->path);
    const bool head = method == "GET" && message_.method() == http::verb::head;
    if (message_.method_string() != beast::string_view(method.data(), method.size()) && !head) {
      HttpResponse response = error_response(http::status::method_not_allowed,
                                             "this path is for " + std::string(method) + " requests only");
      response.set(http::field::allow, std::string(method));
      return send(std::move(response));
    }
    if (route->path == Path::kInfer) return infer(*route);
    send(respond(service_.engine, *route, service_.options.version));
  }

  void infer(const Route& route) {
    const ServedModel& model = service_.engine.model(route.model, route.version);
    Job job{model, {}};
    try {
      job.request = parse_infer(message_.body(), json_bytes_of(message_), model.model->input_shape());
    } catch (const RequestError& error) {
      service_.engine.count_refusal(model, error.refusal());
      throw;
    }
    if (wants_events(message_)) {
      if (job.request.binary_label || job.request.binary_probabilities) {
        service_.engine.count_refusal(model, Refusal::kInvalid);
        throw RequestError(Refusal::kInvalid, "event streams have no binary outputs");
      }
      return net::post(service_.threads,
                       [self = shared_from_this(), job = std::move(job)] { self->stream_events(job); });
    }
    Cancellation cancellation;
    const Reply reply = run(job, cancellation, {});
    RestReply body = format_reply(model, job.request, reply);
    HttpResponse response = text_response(http::status::ok, std::move(body.body),
                                          body.json_bytes ? "application/octet-stream" : "application/json");
    if (body.json_bytes) response.set("Inference-Header-Content-Length", std::to_string(*body.json_bytes));
    send(std::move(response));
  }

  Reply run(const Job& job, Cancellation& cancellation, const Engine::OnAnswer& on_answer) {
    const DisconnectWatch::Request watched(
        service_.watch, [socket = stream_.socket().native_handle()] { return is_closed(socket); }, cancellation);
    return service_.engine.infer(job.model, job.request, arrival_, cancellation, on_answer);
  }

  static bool is_closed(int socket) {
    char byte = 0;
    const ssize_t read = ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return read == 0 || (read < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
  }

  // An event stream: its answers are computed outside the strand and sent in it.

  void stream_events(const Job& job) {
    Cancellation cancellation;
    bool begun = false;
    const auto event = [&](const char* name, std::string_view json) {
      add_to_stream((std::exchange(begun, true) ? "" : event_stream_header()) + event_chunk(name, json));
    };
    try {
      const Reply last = run(job, cancellation, [&](const Reply& reply) {
        event("answer", format_reply(job.model, job.request, reply).body);
      });
      event("end", format_reply(job.model, job.request, last).body);
    } catch (const std::exception& error) {
      const auto* const refused = dynamic_cast<const RequestError*>(&error);
      if (!begun) {
        const auto status = refused != nullptr ? status_of(refused->refusal()) : http::status::internal_server_error;
        return net::post(
            stream_.get_executor(),
            [self = shared_from_this(), response = error_response(status, error.what())] { self->send(response); });
      }
      event("error", format_error(error.what()));
    }
    end_stream();
  }

  void add_to_stream(std::string text) {
    net::post(stream_.get_executor(), [self = shared_from_this(), text = std::move(text)]() mutable {
      self->unsent_.push_back(std::move(text));
      if (self->unsent_.size() == 1) self->send_next();
    });
  }

  void end_stream() {
    net::post(stream_.get_executor(), [self = shared_from_this()] {
      self->stream_ended_ = true;
      self->unsent_.push_back(last_chunk());
      if (self->unsent_.size() == 1) self->send_next();
    });
  }

  void send_next() {
    stream_.expires_after(service_.options.write);
    net::async_write(stream_, net::buffer(unsent_.front()), then(&HttpConnection::sent_part));
  }

  void sent_part() {
    unsent_.pop_front();
    if (!unsent_.empty()) return send_next();
    if (std::exchange(stream_ended_, false)) sent();
  }

  void send(HttpResponse response) {
    response_ = std::move(response);
    response_.version(message_.version());
    response_.keep_alive(keep_alive_);
    response_.prepare_payload();
    stream_.expires_after(service_.options.write);
    if (message_.method() == http::verb::head) {  // The header of the reply to GET.
      head_.emplace(response_.base());
      head_serializer_.emplace(*head_);
      return http::async_write_header(stream_, *head_serializer_, then(&HttpConnection::sent));
    }
    http::async_write(stream_, response_, then(&HttpConnection::sent));
  }

  void sent() {
    busy_ = false;
    service_.connections.set_waiting(place_);
    if (keep_alive_) return wait_for_request();
    // Closing with unread input would reset the connection, and the client could lose the reply.
    constexpr std::chrono::seconds kLongest{2};
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    stream_.expires_after(kLongest);
    discard_input();
  }

  void discard_input() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(kPart), then(&HttpConnection::discard_input));
  }

  void set_busy() {
    busy_ = true;
    service_.connections.set_busy(place_);
  }

  static constexpr std::size_t kPart = 65536;  ///< Of the input, for one read.

  beast::tcp_stream stream_;
  HttpService& service_;
  Connections::Place place_;
  bool registered_ = false, busy_ = false;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  HttpRequest message_;
  HttpResponse response_;
  std::optional<http::response<http::empty_body>> head_;
  std::optional<http::response_serializer<http::empty_body>> head_serializer_;
  Clock::time_point arrival_;  ///< Of the first bytes of the request.
  bool keep_alive_ = false;
  std::deque<std::string> unsent_;  ///< Of an event stream; the first is being sent.
  bool stream_ended_ = false;
};

}  // namespace

void serve_connection(tcp::socket socket, HttpService& service) {
  std::make_shared<HttpConnection>(std::move(socket), service)->start();
}

}  // namespace einet::serve
