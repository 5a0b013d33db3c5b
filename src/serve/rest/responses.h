#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>

#include "serve/engine.h"
#include "serve/refusal.h"
#include "serve/rest/routes.h"

namespace einet::serve {

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;
using HttpResponse = boost::beast::http::response<boost::beast::http::string_body>;

/// The status of a refusal: 400, 404, 503 if the client should try again elsewhere, 504 if time was too short.
boost::beast::http::status status_of(Refusal refusal);

HttpResponse text_response(boost::beast::http::status status, std::string body, const char* type);
HttpResponse error_response(boost::beast::http::status status, std::string_view sentence);

/// The reply to anything but an inference. Throws RequestError.
HttpResponse respond(Engine& engine, const Route& route, const std::string& version);

}  // namespace einet::serve
