#pragma once

#include <string>
#include <string_view>

namespace einet::serve {

/// The header of a response of server-sent events in chunks.
std::string event_stream_header();
/// One event as one chunk: `event: name` and `data: json`, which must not contain newlines.
std::string event_chunk(std::string_view name, std::string_view json);
/// The chunk that ends the response.
std::string last_chunk();

}  // namespace einet::serve
