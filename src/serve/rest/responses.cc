#include "serve/rest/responses.h"

#include <utility>

#include "serve/rest/infer_json.h"
#include "serve/rest/page.h"

namespace einet::serve {
namespace {

namespace http = boost::beast::http;

constexpr const char* kJson = "application/json";

HttpResponse empty_response(bool success) {
  return text_response(success ? http::status::ok : http::status::service_unavailable, "", kJson);
}

}  // namespace

http::status status_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::kInvalid:
      return http::status::bad_request;
    case Refusal::kNotFound:
      return http::status::not_found;
    case Refusal::kTooShort:
    case Refusal::kNoAnswer:
      return http::status::gateway_timeout;
    case Refusal::kQueueFull:
    case Refusal::kDraining:
    case Refusal::kCancelled:
      return http::status::service_unavailable;
    case Refusal::kFailed:
      break;
  }
  return http::status::internal_server_error;
}

HttpResponse text_response(http::status status, std::string body, const char* type) {
  HttpResponse response(status, 11);
  response.set(http::field::server, "einet");
  response.set(http::field::content_type, type);
  response.set(http::field::cache_control, "no-store");
  response.body() = std::move(body);
  return response;
}

HttpResponse error_response(http::status status, std::string_view sentence) {
  return text_response(status, format_error(sentence), kJson);
}

HttpResponse respond(Engine& engine, const Route& route, const std::string& version) {
  switch (route.path) {
    case Path::kPage: {
      HttpResponse response = text_response(http::status::ok, web_page(), "text/html; charset=utf-8");
      response.set("Content-Security-Policy",
                   "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; "
                   "img-src blob: data:");
      return response;
    }
    case Path::kMetrics:
      return text_response(http::status::ok, engine.metrics_text(), "text/plain; version=0.0.4");
    case Path::kLive:
      return empty_response(true);
    case Path::kReady:
      return empty_response(engine.ready());
    case Path::kServer:
      return text_response(http::status::ok, format_server_metadata(version), kJson);
    case Path::kModel:
      return text_response(http::status::ok, format_model_metadata(engine.model(route.model, route.version)), kJson);
    case Path::kModelReady:
      engine.model(route.model, route.version);
      return empty_response(engine.ready());
    case Path::kInfer:
      break;
  }
  return error_response(http::status::not_found, "there is no such path");
}

}  // namespace einet::serve
